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

export function machineLines(): string[] {
  const processors = cpus();
  const { version, dependencies = {} } = manifestIn(root);
  const packages = Object.keys(dependencies).map(
    (name) => `${name} ${manifestIn(join(root, "node_modules", name)).version}`,
  );
  return [
    `focused-file-sync ${version}, commit ${commit()}`,
    `node ${process.versions.node} (V8 ${process.versions.v8}), ${systemType()} ${release()}`,
    packages.join(", "),
    `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} cores, ${gigabytes(totalmem())} memory`,
    `stores on ${fileSystem()}; ${loadText()}; ${new Date().toISOString().slice(0, 10)}`,
  ];
}

/** On a machine that does other things, times are of those things too. */
export const loadText = (): string => `load average ${loadavg()[0]?.toFixed(2)}`;

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function commit(): string {
  const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const head = git("rev-parse", "--short", "HEAD");
  if (head.status !== 0) return "unknown";
  const changed = git("status", "--porcelain", "--", "core", "events", "schema").stdout !== "";
  return `${head.stdout.trim()}${changed ? " with changes" : ""}`;
}

function fileSystem(): string {
  const { type } = statfsSync(tmpdir());
  return fileSystems.get(type) ?? `file system 0x${type.toString(16)}`;
}
