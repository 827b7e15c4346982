/**
 * What was measured, as it was measured: the first line of a results file says on what, each further line is one run.
 * Tables are made from it and from nothing else, so they can be printed again.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Session {
  readonly date: string;
  /** As the bench prints it: commit, Node, system, processor, file system. */
  readonly machine: readonly string[];
  readonly processor: string;
  readonly node: string;
  /** By contender. */
  readonly versions: Readonly<Record<string, string>>;
  readonly sizesMiB: readonly number[];
  readonly rounds: number;
  /** With a network of its own: otherwise the bytes on the wire are of others too. */
  readonly isAlone: boolean;
  readonly killAt?: number;
}

export interface Measured {
  readonly seconds: number;
  readonly setupSeconds?: number;
  readonly flushSeconds: number;
  readonly readBackSeconds: number;
  readonly ingestSeconds: number;
  readonly receiverPeakRssBytes: number;
  /** Loaded, open and connected, before it asked. */
  readonly receiverStartRssBytes: number;
  readonly senderPeakRssBytes: number;
  /** Of the transfer alone. */
  readonly receiverCpuSeconds: number;
  readonly senderCpuSeconds: number;
  readonly receiverDiskBytes: number;
  /** All that went over loopback, both ways, TCP and IP headers included. */
  readonly wireBytes: number;
  readonly foreignCpuSeconds: number;
  readonly resume?: Resume;
}

export interface Resume {
  /** The part of the file that was there when the kill was decided. */
  readonly killedAt: number;
  readonly firstWireBytes: number;
  readonly keptDiskBytes: number;
}

export interface RunKey {
  readonly round: number;
  readonly attempt: number;
  readonly peer: string;
  readonly sizeMiB: number;
}

export interface Run extends RunKey, Measured {
  readonly isNoisy: boolean;
}

export interface FailedRun extends RunKey {
  readonly error: string;
}

export interface Results {
  readonly session: Session;
  readonly runs: readonly Run[];
  readonly failed: readonly FailedRun[];
}

/** What the documents show, in the repository. */
export const storedPaths = {
  fetch: fileURLToPath(new URL("results/fetch.jsonl", import.meta.url)),
  resume: fileURLToPath(new URL("results/resume.jsonl", import.meta.url)),
};

export const storedPathOf = ({ killAt }: { readonly killAt?: number | undefined }): string =>
  killAt === undefined ? storedPaths.fetch : storedPaths.resume;

export function beginResults(path: string, session: Session): void {
  writeFileSync(path, `${JSON.stringify(session)}\n`);
}

export function appendRun(path: string, run: Run | FailedRun): void {
  appendFileSync(path, `${JSON.stringify(run, roundNumbers)}\n`);
}

/** A microsecond is finer than anything here. */
const roundNumbers = (_name: string, value: unknown): unknown =>
  typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value;

export function readResults(path: string): Results {
  return parseResults(readFileSync(path, "utf8"));
}

export function parseResults(text: string): Results {
  const [first = "", ...lines] = text.trim().split("\n");
  const all = lines.map((line) => JSON.parse(line) as Run | FailedRun);
  const session = JSON.parse(first) as Session;
  const isRun = (run: Run | FailedRun): run is Run => !("error" in run);
  return { session, runs: all.filter(isRun), failed: all.filter((run): run is FailedRun => !isRun(run)) };
}
