/**
 * What the tidy checks read: the files of the checkout, as text and as syntax trees. A check is a function from files to
 * findings, so that its own test can feed it a bad sample that is on no disk.
 *
 * The files come from walking the folder with .gitignore in hand and not from git, so that the checks also run where
 * there is no git, and see a file before it is committed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export interface TextFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  /** What is wrong and how to mend it. */
  readonly mend: string;
}

export const root = fileURLToPath(new URL("../..", import.meta.url));

const binaryFile = /\.(png|jpg|bin|wasm|gz|zip)$/;
/** A checkout is a few hundred files; many more means that we walk where we should not. */
const filesMax = 10_000;

/** Every file that git would track. */
export function readProject(): TextFile[] {
  const ignored = readFileSync(join(root, ".gitignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/\/$/, ""));
  const files: TextFile[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name === ".git" || ignored.includes(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else files.push({ path, text: binaryFile.test(path) ? "" : readFileSync(join(root, path), "utf8") });
      if (files.length > filesMax)
        throw new Error(`more than ${filesMax} files: something that git ignores is not in .gitignore`);
    }
  };
  walk("");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The library's own code. */
export const isSource = ({ path }: TextFile): boolean => /^(core|events|schema)\/.*\.ts$/.test(path);
export const isTest = ({ path }: TextFile): boolean => /^tests\/.*\.ts$/.test(path);

const trees = new WeakMap<TextFile, ts.SourceFile>();

export function treeOf(file: TextFile): ts.SourceFile {
  const known = trees.get(file);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  trees.set(file, tree);
  return tree;
}

/** Calls `visit` for every node, parents first. */
export function eachNode(file: TextFile, visit: (node: ts.Node) => void): void {
  const descend = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, descend);
  };
  descend(treeOf(file));
}

export const lineOf = (node: ts.Node): number =>
  node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;

/** Throws with one line per finding, in the form that editors and terminals make clickable. */
export function assertNone(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const error = new Error(`\n${findings.map(({ path, line, mend }) => `${path}:${line}  ${mend}`).join("\n")}\n`);
  error.stack = ""; // the findings say where; uvu would print the message twice
  throw error;
}

/** For the tests of the checks: files that are on no disk. */
export const sample = (files: Record<string, string>): TextFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));
