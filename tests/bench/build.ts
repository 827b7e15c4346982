/**
 * What the measured processes run: the library as `npm run build` makes it, and our children, both compiled beforehand.
 * Compiling while they run, as tsx does, would cost them time and memory that a user's process does not spend.
 *
 * The build goes to a folder of its own: `dist` is emptied by every `npm run build`, under a run that may take minutes.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync, transformSync } from "esbuild";

export const root = fileURLToPath(new URL("../..", import.meta.url));
/** Below node_modules the packages are found from there, and git and the tidy checks do not look. */
export const cacheFolder = join(root, "node_modules/.cache/focused-file-sync-bench");
const library = join(cacheFolder, "library");
const stamp = join(cacheFolder, "built");
/** Of the checkout that it is in. */
export const configurationPath = ".config/tsconfig.build.json";
const configuration = join(root, configurationPath);
const sourceFolders = ["core", "events", "schema"] as const;
const compiler = join(root, "node_modules/typescript/bin/tsc");

export interface Built {
  /** What a child process runs. */
  readonly childPath: string;
  /** Ends in a slash: `core/index.js` and all others are below it. */
  readonly libraryUrl: string;
}

/** Compiles what is missing or older than its source; the library only when there is no other one to measure. */
export function build(otherLibrary: string | undefined, tell: (line: string) => void): Built {
  if (otherLibrary === undefined && isStale()) {
    tell("building the library");
    buildLibrary();
  }
  return { childPath: buildChild(), libraryUrl: urlOf(resolve(otherLibrary ?? library)) };
}

export const urlOf = (folder: string): string => pathToFileURL(`${folder}/`).href;

export function buildChild(into = cacheFolder): string {
  const childPath = join(into, "child.mjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("children/main.ts", import.meta.url))],
    outfile: childPath,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
  });
  return childPath;
}

function isStale(): boolean {
  if (!existsSync(stamp)) return true;
  const sourcesMs = sourceFolders.map((name) => newestIn(join(root, name)));
  return statSync(stamp).mtimeMs < Math.max(statSync(configuration).mtimeMs, ...sourcesMs);
}

function buildLibrary(): void {
  const startedAt = new Date();
  rmSync(stamp, { force: true });
  compile(configuration, library);
  writeFileSync(stamp, "");
  // What was changed while the compiler ran is newer than the stamp.
  utimesSync(stamp, startedAt, startedAt);
}

/** The library of a checkout, as its `npm run build` makes it. */
export function compile(configuration: string, into: string): void {
  rmSync(into, { recursive: true, force: true });
  const run = spawnSync(process.execPath, [compiler, "-p", configuration, "--outDir", into], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the library does not build:\n${run.stdout}${run.stderr}`);
  markAsModules(into);
}

/** Without it Node would take the files for CommonJS: our own manifest is not looked up from below node_modules. */
const markAsModules = (folder: string): void => writeFileSync(join(folder, "package.json"), `{ "type": "module" }\n`);

/** Types taken out and nothing checked, file by file: for a test that has no time for the compiler. */
export function buildUnchecked(into: string): Built {
  for (const path of sourceFolders.flatMap((name) => sourcesIn(join(root, name)))) {
    const { code } = transformSync(readFileSync(path, "utf8"), { loader: "ts", format: "esm", target: "node20" });
    const target = join(into, relative(root, path)).replace(/\.ts$/, ".js");
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code.replace(relativeTypeScript, "$1.js$2"));
  }
  markAsModules(into);
  return { childPath: buildChild(into), libraryUrl: urlOf(into) };
}

/** A specifier or a worker's path, as the compiler rewrites it. */
const relativeTypeScript = /(["']\.{1,2}\/[^"'\n]*)\.ts(["'])/g;

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));

function newestIn(path: string): number {
  let newestMs = statSync(path).mtimeMs;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    newestMs = Math.max(newestMs, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newestMs;
}
