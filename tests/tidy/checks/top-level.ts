/** The top of the repository is a table of contents: what is not in this list goes into a folder or a dotfile. */
import type { Finding, TextFile } from "../project.ts";

const folders = ["core", "events", "schema", "tests", "docs"];
const allowed = [
  ...folders,
  "FOCUSED_FILE_SYNC.md",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

export function checkTopLevel(files: readonly TextFile[]): Finding[] {
  const tops = [...new Set(files.map(({ path }) => path.split("/", 1)[0] ?? ""))];
  return tops
    .filter((top) => !top.startsWith(".") && !allowed.includes(top))
    .map((top) => ({
      path: top,
      line: 1,
      mend: `does not belong at the top: move it below ${folders.join(", ")} or make it a dotfile`,
    }));
}
