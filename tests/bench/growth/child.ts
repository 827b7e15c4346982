/**
 * The process of a peer whose store or wants grow. One role does everything: author, bystander and receiver are told
 * apart by what they are asked. A store outlives its process, so the identity comes from outside.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { FileSync, IdentityKeys, Transport } from "../../../core/index.ts";
import { flushless } from "../children/flushless.ts";
import { loadFace, loadNode } from "../children/library.ts";
import { startLoopProbe } from "../children/loop-probe.ts";
import { peakRssBytes, startStopwatch, type Stopwatch } from "../children/measure.ts";
import { controlsUncounted } from "./limits.ts";
import type { Setup, Span } from "../children/messages.ts";
import { digestOf, groupOf, type GroupSetup } from "../children/peer.ts";

export interface OpenPeer extends GroupSetup {
  readonly identity: IdentityKeys;
  readonly storePath: string;
  /** Whom to connect to. */
  readonly url?: string;
  readonly isServing?: boolean;
  /** While a store is made, not measured. */
  readonly isFlushless?: boolean;
  /** What its profile is called. */
  readonly profileName?: string;
}

export interface Opened extends Span {
  /** Where it is served; empty when it is not. */
  readonly url: string;
  readonly peakBytes: number;
  readonly rssBytes: number;
}

export interface Usage extends Span {
  readonly peakBytes: number;
}

export interface Fill {
  readonly count: number;
  readonly fileBytes: number;
  /** How many are attached at once: 1 for what one costs, more to get it done. */
  readonly atOnce: number;
}

export interface Controls {
  readonly callSeconds: readonly number[];
  readonly durableSeconds: readonly number[];
}

export type GrowerCalls = Awaited<ReturnType<typeof growerCalls>>;

/** A log that has not grown for so long may have all there is. */
const quietMs = 500;
const lookMs = 5;
const syncMsMax = 280_000;

export async function growerCalls(setup: Setup) {
  const face = await loadFace(setup);
  let current: FileSync | undefined;
  let server: Server | undefined;
  let logPath = "";
  let stopwatch: Stopwatch | undefined;
  const sync = (): FileSync => {
    if (current === undefined) throw new Error("not open");
    return current;
  };

  return {
    async identities(count: number): Promise<IdentityKeys[]> {
      return Promise.all(Array.from({ length: count }, () => face.createIdentityKeys()));
    },
    peerIds: async (identities: readonly IdentityKeys[]): Promise<string[]> => identities.map(face.peerIdOf),
    async open({ storePath, url, isServing, isFlushless, identity, profileName, ...group }: OpenPeer): Promise<Opened> {
      const node = await loadNode(setup);
      const transport: Transport[] = [];
      if (url !== undefined) transport.push(node.nodeWebSocketTransport({ connect: url }));
      if (isServing === true) transport.push(node.webSocketServer({ server: (server = await listening()) }));
      logPath = join(storePath, "events.log");
      const storage = isFlushless === true ? flushless(node.nodeStorage(storePath)) : node.nodeStorage(storePath);
      const watch = await startStopwatch(setup, profileName ?? "open");
      current = await face.openFileSync({ storage, identity, group: groupOf(group), transport });
      const span = await watch.stop();
      const served = server === undefined ? "" : `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return { ...span, url: served, peakBytes: peakRssBytes(), rssBytes: process.memoryUsage.rss() };
    },
    async close(): Promise<Span> {
      const watch = await startStopwatch(setup, "close");
      await sync().close();
      const span = await watch.stop();
      server?.close();
      return span;
    },

    /** The seconds that each took. */
    fill: (what: Fill): Promise<number[]> => fill(sync(), what),
    async list(times: number): Promise<number[]> {
      return Array.from({ length: times }, () => secondsOf(() => sync().attachments()));
    },
    fileIds: async (): Promise<string[]> =>
      sync()
        .attachments()
        .map(({ fileId }) => fileId),
    /** One after the other, each until it is durable. */
    async requestEach(count: number): Promise<number[]> {
      const seconds: number[] = [];
      for (const fileId of spread(fileIdsOf(sync()), count)) {
        const startedAtMs = performance.now();
        await sync().request(fileId);
        seconds.push((performance.now() - startedAtMs) / 1000);
      }
      return seconds;
    },
    /** Until the last is durable. */
    async requestAll(fileIds: readonly string[]): Promise<number> {
      const startedAtMs = performance.now();
      await requestAll(sync(), fileIds);
      return (performance.now() - startedAtMs) / 1000;
    },

    /** From now, when the store has just been opened, until the log has come. */
    async awaitLog(count: number): Promise<Usage> {
      const watch = await startStopwatch(setup, "logsync");
      const span = await logGrown(logPath, sync(), count);
      await watch.stop();
      return { ...span, peakBytes: peakRssBytes() };
    },
    async startSpan(name: string): Promise<void> {
      stopwatch = await startStopwatch(setup, name);
    },
    async stopSpan(): Promise<Usage> {
      if (stopwatch === undefined) throw new Error("not started");
      return { ...(await stopwatch.stop()), peakBytes: peakRssBytes() };
    },
    /** CPU seconds for each second in which nobody does anything. */
    async idle(seconds: number): Promise<number> {
      const watch = await startStopwatch(setup, "idle");
      await sleep(1000 * seconds);
      const span = await watch.stop();
      return span.cpuSeconds / span.seconds;
    },
    rssBytes: async (): Promise<number> => process.memoryUsage.rss(),

    control: (what: { readonly fileIds: readonly string[]; readonly times: number }): Promise<Controls> =>
      control(sync(), what.fileIds, what.times),
    async fetchAll(fileIds: readonly string[]): Promise<Usage & { readonly heldMs: number }> {
      const watch = await startStopwatch(setup, "fetch");
      const probe = startLoopProbe();
      await requestAll(sync(), fileIds);
      await Promise.all(fileIds.map((fileId) => sync().whenComplete(fileId)));
      const { heldMs } = probe.stop();
      return { ...(await watch.stop()), peakBytes: peakRssBytes(), heldMs };
    },
    /** Of all these files, as they are read here. */
    async digest(fileIds: readonly string[]): Promise<string> {
      const hash = createHash("sha256");
      for (const fileId of fileIds) hash.update(await digestOf(sync(), fileId));
      return hash.digest("hex");
    },
  };
}

async function listening(): Promise<Server> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function fill(sync: FileSync, { count, fileBytes, atOnce }: Fill): Promise<number[]> {
  const seconds: number[] = [];
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started < count) {
      started++;
      const source = crypto.getRandomValues(new Uint8Array(fileBytes));
      const startedAtMs = performance.now();
      await sync.attach(source, { messageId: crypto.randomUUID(), name: "photo.jpg", mediaType: "image/jpeg" });
      seconds.push((performance.now() - startedAtMs) / 1000);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return seconds;
}

/** Each in a turn of its own: how long the loop is held shall be the library's doing, not that of a loop of ours. */
async function requestAll(sync: FileSync, fileIds: readonly string[]): Promise<void> {
  const requests: Promise<void>[] = [];
  for (const fileId of fileIds) {
    requests.push(sync.request(fileId));
    await nextTurn();
  }
  await Promise.all(requests);
}

/**
 * The API has no word for it, and asking it all the time would be measured too: what tells is the log on the disk. Only
 * when that has come to rest are the attachments counted.
 */
async function logGrown(path: string, sync: FileSync, count: number): Promise<Span> {
  const startedAtMs = performance.now();
  const cpuAtStart = process.cpuUsage();
  let last = { bytes: 0, atMs: startedAtMs, cpu: cpuAtStart };
  let countedAtMs = startedAtMs;
  for (let atMs = startedAtMs; atMs - startedAtMs < syncMsMax; atMs = performance.now()) {
    await sleep(lookMs);
    const bytes = statSync(path).size;
    if (bytes > last.bytes) last = { bytes, atMs: performance.now(), cpu: process.cpuUsage(cpuAtStart) };
    if (performance.now() - Math.max(last.atMs, countedAtMs) < quietMs) continue;
    countedAtMs = performance.now();
    if (sync.attachments().length < count) continue;
    return { seconds: (last.atMs - startedAtMs) / 1000, cpuSeconds: (last.cpu.user + last.cpu.system) / 1e6 };
  }
  throw new Error(`${sync.attachments().length} of ${count} descriptors arrived`);
}

async function control(sync: FileSync, fileIds: readonly string[], times: number): Promise<Controls> {
  const callSeconds: number[] = [];
  const durableSeconds: number[] = [];
  // A store that was just opened runs code that is not compiled yet.
  for (let i = -controlsUncounted; i < times; i++) {
    if (i === 0) callSeconds.length = durableSeconds.length = 0;
    const fileId = fileIds[(Math.abs(i) * 7) % fileIds.length] ?? "";
    for (const call of [() => sync.pause(fileId), () => sync.resume(fileId)]) {
      const startedAtMs = performance.now();
      const durable = call();
      callSeconds.push((performance.now() - startedAtMs) / 1000);
      await durable;
      durableSeconds.push((performance.now() - startedAtMs) / 1000);
    }
    callSeconds.push(secondsOf(() => sync.progress(fileId)));
  }
  return { callSeconds, durableSeconds };
}

const fileIdsOf = (sync: FileSync): string[] => sync.attachments().map(({ fileId }) => fileId);

function secondsOf(run: () => unknown): number {
  const startedAtMs = performance.now();
  run();
  return (performance.now() - startedAtMs) / 1000;
}

/** So many of them, from all over. */
function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, i) => i % step === 0).slice(0, count);
}
