/** Results that nobody measured, for the tests. */
import type { Measured, Results, Run, Session } from "./results.ts";

export const sampleSession: Session = {
  date: "2026-11-21",
  machine: ["focused-file-sync 0.1.0, commit abc", "node 20.20.2"],
  processor: "A processor, 2 cores",
  node: "20.20.2",
  versions: { ours: "0.1.0", "hyperdrive-encrypted": "hyperdrive 13.3.4" },
  sizesMiB: [50],
  rounds: 3,
  isAlone: true,
};

const measured: Measured = {
  seconds: 1,
  flushSeconds: 0.1,
  readBackSeconds: 0.1,
  ingestSeconds: 0.5,
  receiverPeakRssBytes: 100e6,
  receiverStartRssBytes: 50e6,
  senderPeakRssBytes: 90e6,
  receiverCpuSeconds: 0.7,
  senderCpuSeconds: 0.4,
  receiverDiskBytes: 50 * 1024 * 1024,
  wireBytes: 51 * 1024 * 1024,
  foreignCpuSeconds: 0,
};

export const sampleRun = (peer: string, round: number, other: Partial<Run> = {}): Run => ({
  ...measured,
  round,
  attempt: 1,
  peer,
  sizeMiB: 50,
  isNoisy: false,
  ...other,
});

export const sampleResults = (runs: readonly Run[], session: Partial<Session> = {}): Results => ({
  session: { ...sampleSession, ...session },
  runs,
  failed: [],
});
