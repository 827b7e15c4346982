/**
 * Writes the documents that follow from tables in the code, so that the two cannot disagree.
 *
 *   npm run docs:generate   writes them
 *   npm run docs:check      exit code 1 when one of them is not what would be written; the last line counts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSource, readProject, root } from "../tidy/project.ts";
import { compiledStatements } from "./compiled-statements.ts";
import { withSection } from "./markdown.ts";
import { proofsTable } from "./proofs.ts";
import { errorTables, limitsTable } from "./spec-tables.ts";
import { statusPage } from "./status-page.ts";
import { wireFormatPage } from "./wire-format.ts";

interface Document {
  readonly path: string;
  /** The text as it should be; `current` is the text as it is, "" when there is none. */
  build(current: string): string;
}

const documents: readonly Document[] = [
  { path: "schema/compiled.ts", build: () => compiledStatements() },
  { path: "docs/WIRE_FORMAT.md", build: () => wireFormatPage(readProject().filter(isSource)) },
  { path: "docs/STATUS.md", build: () => statusPage() },
  {
    path: "FOCUSED_FILE_SYNC.md",
    build: (current) => {
      const withProofs = withSection(current, "proofs", proofsTable(current, readProject()));
      return withSection(
        withSection(withProofs, "errors", errorTables()),
        "limits",
        limitsTable(read("core/limits.ts")),
      );
    },
  },
];

main(process.argv.slice(2));

function main(args: readonly string[]): void {
  const isCheck = args.includes("--check");
  let stale = 0;
  for (const { path, build } of documents) {
    const current = read(path);
    const wanted = build(current);
    if (wanted === current) continue;
    stale++;
    if (isCheck) console.log(`${path} is stale: run "npm run docs:generate"`);
    else writeFileSync(join(root, path), wanted);
  }
  if (!isCheck) {
    console.log(`${stale} of ${documents.length} documents written`);
    return;
  }
  console.log(`${documents.length - stale} passed, ${stale} failed`);
  if (stale > 0) process.exitCode = 1;
}

function read(path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return "";
    throw error;
  }
}
