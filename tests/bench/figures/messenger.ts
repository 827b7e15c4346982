/** What a messenger does all day: many small files, old stores, nothing at all, and people who tap. */
import type { Figure } from "./figure.ts";

const files = { from: "small", subject: "1000files" } as const;
const stored = { from: "open", subject: "10000attachments" } as const;
const idle = { from: "idle", subject: "second", unit: "ms" } as const;
const control = { from: "control", subject: "1000wants", unit: "ms" } as const;
const tiny = { from: "tiny", subject: "2KiB" } as const;
const core = { from: "bundle", subject: "core", unit: "KB" } as const;

const callMsMax = { "1000wants": 5 };
const heldMsMax = { "1000wants": 30 };

export const messengerFigures: readonly Figure[] = [
  {
    ...files,
    name: "small",
    unit: "files/s",
    what: "60 MB in files of 2 KB to 200 KB, all wanted at once: from the first request until the last is verified and flushed",
    isMoreBetter: true,
    goals: { "1000files": 400 },
  },
  {
    ...files,
    name: "small-attach",
    unit: "files/s",
    what: "attached from disk, until durable",
    isMoreBetter: true,
    goals: { "1000files": 400 },
  },
  {
    ...files,
    name: "small-in-all",
    unit: "files/s",
    what: "attach, opening the receiver, sync of the descriptors, fetch, one after the other",
    isMoreBetter: true,
  },
  { ...files, name: "small-sync", unit: "s", what: "from opening the receiver until it knows all descriptors" },
  { ...files, name: "small-attach-cpu", unit: "s", what: "CPU time of attaching" },
  { ...files, name: "small-cpu-sender", unit: "s", what: "CPU time of the sender while they are fetched" },
  { ...files, name: "small-cpu-receiver", unit: "s", what: "CPU time of the receiver meanwhile" },
  { ...files, name: "small-memory-sender", unit: "MB", what: "peak memory of the sender, which attached them before" },
  { ...files, name: "small-memory-receiver", unit: "MB", what: "peak memory of the receiver" },
  { ...files, name: "small-wire", unit: "x files", what: "bytes at the socket from its opening, descriptors included" },
  { ...files, name: "small-disk", unit: "x files", what: "disk space of the receiver's store when closed" },

  {
    ...tiny,
    name: "wire",
    unit: "bytes",
    what: "of a file of 2 KiB, both ways, from its request until it is complete",
    goals: { "2KiB": 4000 },
  },
  {
    ...tiny,
    name: "wire-opened",
    unit: "bytes",
    what: "the same and everything before it: WebSocket, channel, greeting, log sync, descriptor",
  },
  { ...tiny, name: "fetch", unit: "s", what: "until such a file is verified and flushed" },

  { ...stored, name: "open", unit: "ms", what: "openFileSync in a new process, tables cached as closing leaves them" },
  { ...stored, name: "open-killed", unit: "ms", what: "the same after a kill: no cached tables, the lock still there" },
  {
    ...stored,
    name: "open-nothing",
    unit: "ms",
    what: "the same with an empty store: libsodium and SQLite have to start",
  },
  { ...stored, name: "open-cpu", unit: "ms", what: "CPU time of open" },
  { ...stored, name: "open-killed-cpu", unit: "ms", what: "CPU time of open-killed" },
  { ...stored, name: "open-memory", unit: "MB", what: "peak memory of the process once it is open" },
  { ...stored, name: "open-killed-memory", unit: "MB", what: "the same after a kill" },
  { ...stored, name: "open-nothing-memory", unit: "MB", what: "the same with an empty store" },

  {
    ...idle,
    name: "idle",
    what: "CPU time of two connected members together, for each second in which nobody wants anything",
  },
  { ...idle, name: "idle-10000attachments", what: "the same when both know 10,000 attachments" },

  {
    ...control,
    name: "control",
    what: "99th percentile of a call to progress, pause, resume or cancel, whichever is worst, while 500 MiB come",
    goals: callMsMax,
  },
  { ...control, name: "control-median", what: "the median of all of them" },
  { ...control, name: "control-progress", what: "99th percentile of progress", goals: callMsMax },
  { ...control, name: "control-pause", what: "of pause", goals: callMsMax },
  { ...control, name: "control-resume", what: "of resume", goals: callMsMax },
  { ...control, name: "control-cancel", what: "of cancel", goals: callMsMax },
  { ...control, name: "control-promise-median", what: "until what such a call returns resolved: durable; the median" },
  { ...control, name: "control-promise", what: "the 99th percentile of that" },
  {
    ...control,
    name: "held-receiver",
    what: "the longest time for which the receiver's event loop was held meanwhile",
    goals: heldMsMax,
    isGoalForWorst: true,
  },
  { ...control, name: "held-sender", what: "of the sender's", goals: heldMsMax, isGoalForWorst: true },
  { ...control, name: "held-receiver-cpu", what: "CPU time of the receiver in its longest gap", isOnlyTold: true },
  { ...control, name: "held-sender-cpu", what: "of the sender in its", isOnlyTold: true },
  { ...control, name: "held-receiver-collection", what: "the receiver's longest garbage collection", isOnlyTold: true },
  { ...control, name: "held-sender-collection", what: "the sender's", isOnlyTold: true },

  {
    ...core,
    name: "bundle",
    what: "what a page loads of the library to begin with, minified and gzipped, without WebAssembly",
    goals: { core: 60 },
  },
  {
    ...core,
    name: "bundle-scripts",
    what: "the same with the scripts that opening a store loads: those of libsodium and sql.js",
  },
  { ...core, name: "bundle-with-wasm", what: "the same with libsodium's WebAssembly, which is a text in its script" },
];
