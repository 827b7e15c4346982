/** Words that must not be in the repository: promises to ourselves, paths of one machine, addresses of a registry. */
import type { Finding, TextFile } from "../project.ts";

/** In pieces, so that this file does not find itself. */
const forbidden: readonly { readonly pattern: RegExp; readonly mend: string }[] = [
  {
    pattern: new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`),
    mend: "leaves work behind in a comment: do it now, or open an issue",
  },
  {
    pattern: new RegExp(`(?<![\\w./*])/(${["root", "home", "Users", "tmp", "work"].join("|")})/\\w`),
    mend: "names a path of one machine: use a path from the repository, or os.tmpdir()",
  },
  {
    pattern: new RegExp(`\\b[A-Z]:\\\\\\\\?(${["Users", "Windows"].join("|")})\\b`),
    mend: "names a path of one machine: use a path from the repository, or os.tmpdir()",
  },
  {
    pattern: new RegExp(`//registry\\.|//npm\\.|^\\s*registry\\s*=|"resolved":\\s*"http`),
    mend: "holds the address of a registry: the lock file has integrity hashes, the address is each machine's own",
  },
];

export function checkWords(files: readonly TextFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    text.split("\n").forEach((line, index) => {
      for (const { pattern, mend } of forbidden) {
        if (pattern.test(line)) findings.push({ path, line: index + 1, mend });
      }
    });
  }
  return findings;
}
