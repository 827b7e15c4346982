/** Which part of which document is printed from the stored results, and nothing there is written by hand. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../build.ts";
import { contenderTable, goalList, longTable, shortTable } from "./report.ts";
import { resumeText } from "./resume-report.ts";
import { readResults, storedPaths, type Results } from "./results.ts";

const begin = "<!-- bench:peers -->";
const end = "<!-- /bench:peers -->";

/** The page with that text between its marks. */
export function withPrinted(page: string, text: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

/** Every document, by its path, as it is to be. */
export function printedDocuments(): ReadonlyMap<string, string> {
  const fetched = readResults(storedPaths.fetch);
  const resumed = existsSync(storedPaths.resume) ? readResults(storedPaths.resume) : undefined;
  const texts = { "README.md": shortTable(fetched), "docs/BENCHMARKS_PEERS.md": longText(fetched, resumed) };
  return new Map(
    Object.entries(texts).map(([path, text]) => [path, withPrinted(readFileSync(join(root, path), "utf8"), text)]),
  );
}

export function writeDocuments(): void {
  for (const [path, text] of printedDocuments()) writeFileSync(join(root, path), text);
}

export function longText(fetched: Results, resumed: Results | undefined): string {
  const machine = (results: Results): string => `\`\`\`\n${results.session.machine.join("\n")}\n\`\`\``;
  const goals = goalList(fetched);
  const parts = [
    "### Who",
    contenderTable(fetched),
    "### How fast",
    shortTable(fetched),
    longTable(fetched),
    machine(fetched),
    ...(goals === "" ? [] : ["### Against our goals", goals]),
    ...(resumed === undefined ? [] : ["### After a kill", resumeText(resumed, fetched), machine(resumed)]),
  ];
  return parts.join("\n\n");
}
