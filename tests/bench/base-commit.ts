/**
 * The library of another commit, to be measured beside ours: taken out of git, compiled by its own configuration, kept in
 * the bench's cache by its hash. It uses our packages when its lock file is the same, and gets its own otherwise.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildChild, cacheFolder, compile, configurationPath, root, urlOf, type Built } from "./build.ts";
import { git, hasChanges } from "./machine.ts";

/** Empty: the commit that our changes are on top of. */
export function resolveCommit(wanted: string): string {
  const name = wanted === "" ? baseName() : wanted;
  const hash = git("rev-parse", "--verify", "--quiet", `${name}^{commit}`);
  if (hash === undefined) throw new Error(`--against: git knows no commit ${name}`);
  return hash;
}

/** What is not committed is compared with the last commit; a branch with where it left main; main with the commit before. */
function baseName(): string {
  if (hasChanges()) return "HEAD";
  const fork = git("merge-base", "HEAD", "origin/main");
  return fork === undefined || fork === git("rev-parse", "HEAD") ? "HEAD~1" : fork;
}

export function buildCommit(hash: string, tell: (line: string) => void): Built {
  const folder = join(cacheFolder, "commits", hash);
  const library = join(folder, "library");
  const stamp = join(folder, "built");
  if (!existsSync(stamp)) {
    tell(`building the library of ${hash.slice(0, 7)}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    // Not below node_modules: the compiler would take the sources for those of a package.
    const checkout = mkdtempSync(join(tmpdir(), "focused-file-sync-commit-"));
    try {
      checkOut(hash, checkout);
      symlinkSync(packagesFor(checkout, folder, tell), join(checkout, "node_modules"));
      compile(join(checkout, configurationPath), library);
    } finally {
      rmSync(checkout, { recursive: true, force: true });
    }
    writeFileSync(stamp, "");
  }
  return { childPath: buildChild(), libraryUrl: urlOf(library) };
}

function checkOut(hash: string, into: string): void {
  const archive = join(into, "archive.tar");
  run("git", ["archive", "--format=tar", `--output=${archive}`, hash], root);
  run("tar", ["-xf", archive], into);
  rmSync(archive);
}

/** The folder of packages that this checkout is built and run with; its own lies beside its library. */
function packagesFor(checkout: string, folder: string, tell: (line: string) => void): string {
  const lock = (within: string): string => readFileSync(join(within, "package-lock.json"), "utf8");
  if (lock(checkout) === lock(root)) return join(root, "node_modules");
  tell("its packages are others than ours: installing them");
  for (const name of ["package.json", "package-lock.json"])
    writeFileSync(join(folder, name), readFileSync(join(checkout, name)));
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
  return join(folder, "node_modules");
}

function run(command: string, words: readonly string[], within: string): void {
  const { status, stderr, error } = spawnSync(command, words, { cwd: within, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${words[0]} failed: ${error?.message ?? stderr}`);
}
