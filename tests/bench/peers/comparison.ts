/** From runs to figures: which runs count, medians, and ratios within a round. */
import { summarise, type Summary } from "../statistics.ts";
import { contenders, ourName } from "./contenders.ts";
import type { Results, Run } from "./results.ts";

export type Value = (run: Run) => number;

export const megabytes = (bytes: number): number => bytes / 1e6;
export const fileBytesOf = ({ sizeMiB }: { readonly sizeMiB: number }): number => sizeMiB * 1024 * 1024;

export const seconds: Value = (run) => run.seconds;
export const secondsAfterSetup: Value = (run) => run.seconds - (run.setupSeconds ?? 0);
export const ingestSeconds: Value = (run) => run.ingestSeconds;
export const receiverMegabytes: Value = (run) => megabytes(run.receiverPeakRssBytes);
export const senderMegabytes: Value = (run) => megabytes(run.senderPeakRssBytes);
/** What went over the wire, and what lies on the disk, for each byte of the file. */
export const wirePerByte: Value = (run) => run.wireBytes / fileBytesOf(run);
export const diskPerByte: Value = (run) => run.receiverDiskBytes / fileBytesOf(run);

/** With a kill in between: what went before it, too. */
export const sentInAll: Value = (run) => ((run.resume?.firstWireBytes ?? 0) + run.wireBytes) / fileBytesOf(run);

/** Those that ran, in the order of the table. */
export function peersIn({ runs }: Results): string[] {
  return contenders.map(({ name }) => name).filter((name) => runs.some(({ peer }) => peer === name));
}

export function sizesIn({ runs }: Results): number[] {
  return [...new Set(runs.map(({ sizeMiB }) => sizeMiB))].sort((a, b) => a - b);
}

/** One a round: the attempt that nothing disturbed, or the least disturbed one. */
export function chosenRuns({ runs }: Results, peer: string, sizeMiB: number): Run[] {
  const byRound = new Map<number, Run>();
  for (const run of runs) {
    if (run.peer !== peer || run.sizeMiB !== sizeMiB) continue;
    const best = byRound.get(run.round);
    if (best === undefined || disturbance(run) < disturbance(best)) byRound.set(run.round, run);
  }
  return [...byRound.values()].sort((a, b) => a.round - b.round);
}

const disturbance = ({ isNoisy, foreignCpuSeconds }: Run): number => (isNoisy ? foreignCpuSeconds : 0);

export function summaryOf(results: Results, peer: string, sizeMiB: number, value: Value): Summary | undefined {
  const runs = chosenRuns(results, peer, sizeMiB);
  return runs.length === 0 ? undefined : summarise(runs.map(value));
}

/** How many times ours a peer's value is, round by round: what the machine did in a round falls on both. */
export function timesOurs(results: Results, peer: string, sizeMiB: number, value: Value): Summary | undefined {
  const ours = new Map(chosenRuns(results, ourName, sizeMiB).map((run) => [run.round, value(run)]));
  const ratios = chosenRuns(results, peer, sizeMiB).flatMap((run) => {
    const own = ours.get(run.round);
    return own === undefined ? [] : [value(run) / own];
  });
  return ratios.length === 0 ? undefined : summarise(ratios);
}
