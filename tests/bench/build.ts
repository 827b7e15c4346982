/**
 * What the measured processes run: the library as `npm run build` makes it, and our children, both compiled beforehand.
 * Compiling while they run, as tsx does, would cost them time and memory that a user's process does not spend.
 *
 * The build goes to a folder of its own: `dist` is emptied by every `npm run build`, under a run that may take minutes.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";

export const root = fileURLToPath(new URL("../..", import.meta.url));
/** Below node_modules the packages are found from there, and git and the tidy checks do not look. */
const folder = join(root, "node_modules/.cache/focused-file-sync-bench");
const library = join(folder, "library");
const stamp = join(folder, "built");
const configuration = join(root, ".config/tsconfig.build.json");
const compiler = join(root, "node_modules/typescript/bin/tsc");

export interface Built {
  /** What a child process runs. */
  readonly childPath: string;
  /** Ends in a slash: `core/index.js` and all others are below it. */
  readonly libraryUrl: string;
}

/** Compiles what is missing or older than its source; the library only when there is no other one to measure. */
export function build(otherLibrary: string | undefined, tell: (line: string) => void): Built {
  mkdirSync(folder, { recursive: true });
  if (otherLibrary === undefined && isStale()) {
    tell("building the library");
    buildLibrary();
  }
  const childPath = join(folder, "child.mjs");
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
  return { childPath, libraryUrl: pathToFileURL(`${resolve(otherLibrary ?? library)}/`).href };
}

function isStale(): boolean {
  if (!existsSync(stamp)) return true;
  const sourcesMs = ["core", "events", "schema"].map((name) => newestIn(join(root, name)));
  return statSync(stamp).mtimeMs < Math.max(statSync(configuration).mtimeMs, ...sourcesMs);
}

function buildLibrary(): void {
  const startedAt = new Date();
  rmSync(stamp, { force: true });
  rmSync(library, { recursive: true, force: true });
  const run = spawnSync(process.execPath, [compiler, "-p", configuration, "--outDir", library], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the library does not build:\n${run.stdout}${run.stderr}`);
  // Without it Node would take the files for CommonJS: our own manifest is not looked up from below node_modules.
  writeFileSync(join(library, "package.json"), `{ "type": "module" }\n`);
  writeFileSync(stamp, "");
  // What was changed while the compiler ran is newer than the stamp.
  utimesSync(stamp, startedAt, startedAt);
}

function newestIn(path: string): number {
  let newestMs = statSync(path).mtimeMs;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    newestMs = Math.max(newestMs, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newestMs;
}
