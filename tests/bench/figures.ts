/**
 * Every figure: what it is called, its unit, which scenario gives it, and what we mean to reach. A figure's full name is
 * `<name>/<size>MiB`. No name ends in another one behind a dash, so that `--only=fetch/50MiB` means one figure.
 *
 * A goal is for one size. Figures without a goal explain the others.
 */

export type ScenarioName = "in-process" | "transfer" | "bare-attach" | "bare-receive" | "bare-socket";

export type Unit = "s" | "ms" | "MB" | "x file" | "x bare";

export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly what: string;
  /** Where it is measured; a ratio comes from two figures of the same run. */
  readonly from: ScenarioName | { readonly ratioOf: string; readonly to: string };
  /** At most so much, by size in MiB. */
  readonly goals?: Readonly<Record<number, number>>;
}

export const figures: readonly Figure[] = [
  {
    name: "inprocess",
    unit: "s",
    what: "attach, sync and verify between two peers in one process, stores in memory, secure channel on",
    from: "in-process",
    goals: { 5: 0.6, 50: 3 },
  },
  { name: "inprocess-sync", unit: "s", what: "the part of it from request to complete", from: "in-process" },
  { name: "inprocess-cpu", unit: "s", what: "CPU time of all of it, all threads", from: "in-process" },
  {
    name: "inprocess-memory",
    unit: "MB",
    what: "peak memory of that process, both stores and the file in it",
    from: "in-process",
  },

  { name: "attach", unit: "s", what: "attach a file from disk to a store on disk, until durable", from: "transfer" },
  { name: "attach-cpu", unit: "s", what: "CPU time of it", from: "transfer" },
  {
    name: "fetch",
    unit: "s",
    what: "two processes, WebSocket on loopback, secure channel, stores on disk: from request until verified and flushed",
    from: "transfer",
    goals: { 50: 3 },
  },
  { name: "fetch-cpu-sender", unit: "s", what: "CPU time of the sender meanwhile", from: "transfer" },
  { name: "fetch-cpu-receiver", unit: "s", what: "CPU time of the receiver meanwhile", from: "transfer" },
  { name: "read", unit: "s", what: "read the fetched file back, every slice opened", from: "transfer" },
  { name: "read-first", unit: "ms", what: "until the first bytes of it are there", from: "transfer" },
  {
    name: "wire",
    unit: "x file",
    what: "bytes at the socket, both ways and from its opening, for each byte of the file",
    from: "transfer",
    goals: { 50: 1.06 },
  },
  {
    name: "disk",
    unit: "x file",
    what: "disk space of the receiver's store when closed, for each byte of the file",
    from: "transfer",
  },
  { name: "rss", unit: "MB", what: "peak memory of the larger of the two processes", from: "transfer" },
  { name: "rss-sender", unit: "MB", what: "of the sender, attaching included", from: "transfer" },
  { name: "rss-receiver", unit: "MB", what: "of the receiver", from: "transfer" },

  {
    name: "bare-seal",
    unit: "s",
    what: "seal, hash and write, nothing else: the floor of attach",
    from: "bare-attach",
  },
  {
    name: "bare-receive",
    unit: "s",
    what: "read, hash and write, nothing else: the floor of inprocess-sync",
    from: "bare-receive",
  },
  {
    name: "bare-socket",
    unit: "s",
    what: "the file over a plain WebSocket, SHA-256 at the end: the floor of fetch",
    from: "bare-socket",
  },
  {
    name: "attach-to-bare",
    unit: "x bare",
    what: "attach / bare-seal",
    from: { ratioOf: "attach", to: "bare-seal" },
  },
  {
    name: "inprocess-sync-to-bare",
    unit: "x bare",
    what: "inprocess-sync / bare-receive",
    from: { ratioOf: "inprocess-sync", to: "bare-receive" },
  },
  { name: "fetch-to-bare", unit: "x bare", what: "fetch / bare-socket", from: { ratioOf: "fetch", to: "bare-socket" } },
];

export const figureName = (name: string, sizeMiB: number): string => `${name}/${sizeMiB}MiB`;

/** The figure of that plain name. */
export function figureOf(name: string): Figure {
  const found = figures.find((figure) => figure.name === name);
  if (found === undefined) throw new Error(`no figure is called ${name}`);
  return found;
}

/** What has to run for a figure. */
export function scenariosOf(figure: Figure): ScenarioName[] {
  if (typeof figure.from === "string") return [figure.from];
  return [...scenariosOf(figureOf(figure.from.ratioOf)), ...scenariosOf(figureOf(figure.from.to))];
}
