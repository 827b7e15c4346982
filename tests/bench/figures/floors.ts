/** What cannot be done without, measured bare in the same rounds, and our figures as multiples of it. */
import type { Figure } from "./figure.ts";

export const floorFigures: readonly Figure[] = [
  {
    name: "bare-seal",
    unit: "s",
    what: "read, seal, hash, write and flush, nothing else: the floor of attach",
    from: "bare-attach",
    isOnlyTold: true,
  },
  {
    name: "bare-receive",
    unit: "s",
    what: "read, hash, write and flush, nothing else: the floor of a fetch within one process",
    from: "bare-receive",
    isOnlyTold: true,
  },
  {
    name: "bare-socket",
    unit: "s",
    what: "the file over a plain WebSocket, SHA-256 at the end: the floor of fetch",
    from: "bare-socket",
    isOnlyTold: true,
  },
  {
    name: "attach-to-bare",
    unit: "x bare",
    what: "attach / bare-seal",
    from: { ratioOf: "attach", to: "bare-seal" },
    goals: { "50MiB": 1.5, "500MiB": 1.5 },
  },
  {
    name: "inprocess-stored-to-bare",
    unit: "x bare",
    what: "inprocess-stored / bare-receive: both read a file, hash, write a file and flush it",
    from: { ratioOf: "inprocess-stored", to: "bare-receive" },
    goals: { "50MiB": 2, "500MiB": 2 },
  },
  {
    name: "inprocess-sync-to-bare",
    unit: "x bare",
    what: "inprocess-sync / bare-receive: with the channel, which the floor has not",
    from: { ratioOf: "inprocess-sync", to: "bare-receive" },
  },
  { name: "fetch-to-bare", unit: "x bare", what: "fetch / bare-socket", from: { ratioOf: "fetch", to: "bare-socket" } },
];
