/** The rounds: everyone once per size and round, in an order that is drawn anew, disturbed runs again. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, type Built } from "../build.ts";
import type { SourceFile } from "../children/messages.ts";
import type { PeersArguments } from "./arguments.ts";
import { appendRun, type RunKey } from "./results.ts";
import { isNoisy } from "./system-load.ts";
import { transfer } from "./transfer.ts";

export interface Rounds {
  readonly read: PeersArguments;
  readonly built: Built;
  readonly folder: string;
  readonly resultsPath: string;
  readonly sources: readonly (readonly [sizeMiB: number, source: SourceFile & { readonly digest: string }])[];
  tell(line: string): void;
}

/** Answers with how many runs failed. */
export async function runRounds(rounds: Rounds): Promise<number> {
  let failures = 0;
  for (let round = 1; round <= rounds.read.rounds; round++) {
    for (const [sizeMiB, source] of rounds.sources) {
      for (const peer of shuffled(rounds.read.peers)) {
        const isDone = await runUntilQuiet(rounds, { round, peer, sizeMiB }, source);
        if (!isDone) failures++;
      }
    }
  }
  return failures;
}

async function runUntilQuiet(
  { read, built, folder, resultsPath, tell }: Rounds,
  key: Omit<RunKey, "attempt">,
  source: SourceFile & { readonly digest: string },
): Promise<boolean> {
  const { peer, round, sizeMiB } = key;
  const { killAt, quietSecondsMax, attempts } = read;
  const { libraryUrl } = built;
  const title = `round ${round} of ${read.rounds}: ${peer}, ${sizeMiB} MiB`;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      const run = { peer, libraryUrl, source, folder: join(folder, "run"), quietSecondsMax, killAt };
      const measured = await transfer(run);
      const { seconds, foreignCpuSeconds } = measured;
      // What is resumed takes so little time that its bytes count, and those nobody disturbs.
      const noisy = killAt === undefined && isNoisy(seconds, foreignCpuSeconds);
      appendRun(resultsPath, { ...key, attempt, isNoisy: noisy, ...measured });
      const remark = noisy ? ` (noisy: ${foreignCpuSeconds.toFixed(2)} s of CPU elsewhere)` : "";
      tell(`${title}: ${seconds.toFixed(3)} s${remark}`);
      if (!noisy) return true;
    } catch (thrown) {
      const error = withoutPaths(thrown);
      appendRun(resultsPath, { ...key, attempt, error });
      tell(`${title}: failed, ${error}`);
      return false;
    }
  }
  return true;
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

/** Results are kept in the repository, where paths of one machine have no business. */
function withoutPaths(thrown: unknown): string {
  const [line = ""] = (thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1);
  return line.replaceAll(tmpdir(), "TMPDIR").replaceAll(root, "");
}
