/** On what a figure was measured: without that it says nothing. */
import { spawnSync } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem, type as systemType } from "node:os";
import { join } from "node:path";
import { root } from "./build.ts";

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Magic numbers of statfs(2) for the systems that people have their temporary files on. */
const fileSystems: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs, which is no disk: set TMPDIR"],
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x794c7630, "overlayfs"],
]);

/** What a machine is, to be told from others; with the same of all of it figures can be compared. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly fileSystem: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown processor",
    cores: processors.length,
    memory: `${(totalmem() / 1e9).toFixed(1)} GB`,
    system: systemType(),
    fileSystem: fileSystem(),
  };
}

/** Of all that a figure depends on and that is not ours. */
export function theseVersions(): Readonly<Record<string, string>> {
  const { dependencies = {} } = manifestIn(root);
  const packages = Object.keys(dependencies).map(
    (name) => [name, manifestIn(join(root, "node_modules", name)).version] as const,
  );
  const { node, v8 } = process.versions;
  return { node, v8, [systemType()]: release(), ...Object.fromEntries(packages) };
}

export function machineLines(): string[] {
  const { processor, cores, memory } = thisMachine();
  const { node = "", v8 = "", [systemType()]: system = "", ...packages } = theseVersions();
  return [
    `focused-file-sync ${manifestIn(root).version}, commit ${currentCommit()}`,
    `node ${node} (V8 ${v8}), ${systemType()} ${system}`,
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    `${processor}, ${cores} cores, ${memory} memory`,
    `stores on ${fileSystem()}; ${loadText()}; ${new Date().toISOString().slice(0, 10)}`,
  ];
}

/** On a machine that does other things, times are of those things too. */
export const loadText = (): string => `load average ${loadavg()[0]?.toFixed(2)}`;

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

export function currentCommit(): string {
  const head = git("rev-parse", "--short", "HEAD");
  if (head === undefined) return "unknown";
  return `${head}${hasChanges() ? " with changes" : ""}`;
}

/** Whether the library differs from the last commit. */
export const hasChanges = (): boolean => git("status", "--porcelain", "--", "core", "events", "schema") !== "";

/** What it says, or undefined when it fails. */
export function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function fileSystem(): string {
  const { type } = statfsSync(tmpdir());
  return fileSystems.get(type) ?? `file system 0x${type.toString(16)}`;
}
