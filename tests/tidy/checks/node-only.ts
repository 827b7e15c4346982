/**
 * Node's own modules stay in the files that say so by their name, and nothing that a browser loads reaches them. A
 * bundler would find that out too, but later and in other words.
 */
import { isSource, type Finding, type TextFile } from "../project.ts";
import { importsOf, reachableFrom } from "./imports.ts";

const nodeOnly = /^core\/cli\/|^core\/server\/|^core\/node\.ts$|^core\/.*\/[^/]*node[^/]*\.ts$/;
/** These load in a browser, with all that they import. */
const browserEntries = ["core/index.ts", "core/browser.ts"];

export function checkNodeOnly(files: readonly TextFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isSource)) {
    for (const { specifier, line } of importsOf(file)) {
      if (!specifier.startsWith("node:") || nodeOnly.test(file.path)) continue;
      findings.push({
        path: file.path,
        line,
        mend: `imports ${specifier}: put "node" into the file's name, or do without`,
      });
    }
  }
  for (const entry of browserEntries) {
    for (const path of reachableFrom([entry], files)) {
      if (!nodeOnly.test(path)) continue;
      findings.push({ path, line: 1, mend: `is for Node but ${entry} reaches it: export it from core/node.ts only` });
    }
  }
  return findings;
}
