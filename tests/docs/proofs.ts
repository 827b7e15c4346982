/** Which tests name which guarantee: the table in FOCUSED_FILE_SYNC.md. */
import type { TextFile } from "../tidy/project.ts";
import { code, table } from "./markdown.ts";

/** A test names a guarantee in its title or in its header, as `G-4`. */
export function proofsTable(specification: string, files: readonly TextFile[]): string {
  const names = [...specification.matchAll(/^- \*\*(G-\d+)\*\*/gm)].map((match) => match[1] as string);
  const tests = files.filter(({ path }) => path.endsWith(".test.ts") && !path.startsWith("tests/tidy/"));
  const rows = names.map((name) => {
    const paths = tests.filter(({ text }) => new RegExp(`\\b${name}\\b`).test(text)).map(({ path }) => code(path));
    return [name, paths.length === 0 ? "none yet" : paths.join(", ")];
  });
  return table(["guarantee", "named by"], rows);
}
