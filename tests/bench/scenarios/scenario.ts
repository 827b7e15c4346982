/** What a scenario is given, and what it gives: one value for each of its figures, by their plain names. */
import type { Built } from "../build.ts";
import { ChildProcess, type Calls } from "../child-process.ts";
import type { Role, SourceFile } from "../children/messages.ts";

export interface Run {
  readonly built: Built;
  readonly source: SourceFile & { readonly digest: string };
  /** Empty, and removed after the run. */
  readonly folder: string;
  readonly profileFolder: string | undefined;
}

export type Values = Readonly<Record<string, number>>;
export type Scenario = (run: Run) => Promise<Values>;

export const megabytes = (bytes: number): number => bytes / 1e6;

/** Fresh processes for each run; they are stopped whatever happens. */
export async function withChildren<T>(
  run: Run,
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
export function assertSame(digest: string, { source }: Run): void {
  if (digest !== source.digest) throw new Error("what arrived is not what was sent");
}
