/**
 * The peers' packages in a folder of their own below node_modules, which git and the tidy checks do not look at, and our
 * scripts compiled beside them, from where Node finds the packages. They are no dependencies of the project.
 *
 * Direct dependencies have exact versions. There is no lock file: it would hold the addresses of whoever made it.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { root } from "../build.ts";
import { contenders, type Named } from "./contenders.ts";

export const cacheFolder = join(root, "node_modules/.cache/focused-file-sync-bench-peers");
const packagesFolder = fileURLToPath(new URL("packages", import.meta.url));
const stamp = join(cacheFolder, "installed");
const childrenFolder = join(cacheFolder, "children");

/** Installs when what is there is not what the manifest says. */
export function install(tell: (line: string) => void): void {
  const wanted = manifestHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  tell("installing the peers, a minute or two and 400 MB");
  rmSync(cacheFolder, { recursive: true, force: true });
  mkdirSync(cacheFolder, { recursive: true });
  cpSync(packagesFolder, cacheFolder, { recursive: true });
  // Their native parts come compiled within the packages: no script of a stranger has to run.
  const options = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const run = spawnSync("npm", ["install", ...options], { cwd: cacheFolder, stdio: ["ignore", "ignore", "inherit"] });
  if (run.status !== 0) throw new Error(`npm install of the peers ended with ${run.status ?? run.signal ?? "nothing"}`);
  writeFileSync(stamp, wanted);
}

function manifestHash(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(packagesFolder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(packagesFolder, name);
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** What a process of a contender runs. */
export const childPathOf = (name: string): string => join(childrenFolder, `${name}.mjs`);

export function compileChildren(): void {
  for (const { name } of contenders) {
    buildSync({
      entryPoints: [fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))],
      outfile: childPathOf(name),
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "error",
    });
  }
}

export function versionOf({ packages }: Named): string {
  const versions = packages.map((name) => `${name} ${versionIn(join(cacheFolder, "node_modules", name))}`);
  return versions.join(", ");
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
