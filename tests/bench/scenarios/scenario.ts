/** What a scenario is given, and what it gives: one value for each of its figures, by their plain names. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Built } from "../build.ts";
import { ChildProcess, type Calls } from "../child-process.ts";
import type { Role, SourceFile } from "../children/messages.ts";

export interface Run extends Processes {
  readonly source: SourceFile & { readonly digest: string };
  /** Empty, and removed after the run. */
  readonly folder: string;
}

/** Of a scenario whose files are always the same. */
export interface FixedRun extends Processes {
  readonly folder: string;
  /** For what is made once and used by every run of the same library: empty at first, removed at the end. */
  readonly sharedFolder: string;
}

export interface Processes {
  readonly built: Built;
  readonly profileFolder: string | undefined;
}

export type Values = Readonly<Record<string, number>>;
export type Scenario = (run: Run) => Promise<Values>;
export type FixedScenario = (run: FixedRun) => Promise<Values>;

export const megabytes = (bytes: number): number => bytes / 1e6;

/** Fresh processes for each run; they are stopped whatever happens. */
export async function withChildren<T>(
  run: Processes,
  use: (start: <C extends Calls>(role: Role) => ChildProcess<C>) => Promise<T>,
): Promise<T> {
  const children: { stop(): Promise<void> }[] = [];
  try {
    return await use(<C extends Calls>(role: Role) => {
      const child = new ChildProcess<C>(run.built, role, run.profileFolder);
      children.push(child);
      return child;
    });
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** A figure of the wrong bytes is none. */
export function assertSame(digest: string, { source }: Pick<Run, "source">): void {
  if (digest !== source.digest) throw new Error("what arrived is not what was sent");
}

/** What stat(2) counts `blocks` in, whatever the file system's own blocks are. */
const statBlockBytes = 512;

/** What the folder takes on the disk, folders included. */
export function diskBytesOf(folder: string): number {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  return [folder, ...paths].reduce((total, path) => total + lstatSync(path).blocks * statBlockBytes, 0);
}
