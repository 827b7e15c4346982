/**
 * A process that is one member of a group: opens a store with the identity it is given, attaches, fetches, waits and is
 * measured, as the scenario says. Its sockets are its own where it listens, so that their bytes can be counted.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import type { FileSync, IdentityKeys, Transport } from "../../../core/index.ts";
import { inMemoryBytesMax, killPollMs, madeAtOnce } from "../limits.ts";
import { flushless } from "./flushless.ts";
import { fileToAttach, loadFace, loadNode } from "./library.ts";
import { peakRssBytes, startStopwatch, type Stopwatch } from "./measure.ts";
import type { Setup, SourceFile, Span } from "./messages.ts";
import { digestOf, groupOf, type GroupSetup } from "./peer.ts";
import { controlCalls } from "./control.ts";
import { startLoopProbe, type LoopHeld, type LoopProbe } from "./loop-probe.ts";

export interface OpenMember extends GroupSetup {
  readonly storePath: string;
  readonly identity: IdentityKeys;
  /** Dials this address, or listens, or is alone. */
  readonly connection: { readonly url: string } | "listens" | "alone";
  /** For a store that is made and not measured. */
  readonly isFlushless?: boolean;
}

export interface Measured extends Span {
  readonly rssBytes: number;
}

/** What the calls of one member share. */
export interface MemberState {
  readonly setup: Setup;
  sync(): FileSync;
}

export type MemberCalls = Awaited<ReturnType<typeof memberCalls>>;

export async function memberCalls(setup: Setup) {
  let opened: FileSync | undefined;
  const sync = (): FileSync => {
    if (opened === undefined) throw new Error("not open");
    return opened;
  };
  const state: MemberState = { setup, sync };
  const listener = listenerCalls();
  const face = await loadFace(setup);
  const node = await loadNode(setup);

  async function transportOf(connection: OpenMember["connection"]): Promise<Transport | undefined> {
    if (connection === "alone") return undefined;
    if (connection !== "listens") return node.nodeWebSocketTransport({ connect: connection.url });
    return node.webSocketServer({ server: await listener.listen() });
  }

  return {
    ...listener.calls,
    ...attachCalls(state),
    ...fetchCalls(state),
    ...measureCalls(state),
    ...controlCalls(state),
    /** Timed is what an app waits for: from the call until the store can be used. */
    async open({ storePath, identity, connection, isFlushless, ...group }: OpenMember): Promise<Measured> {
      const transport = await transportOf(connection);
      const storage = isFlushless ? flushless(node.nodeStorage(storePath)) : node.nodeStorage(storePath);
      const watch = await startStopwatch(setup, "open");
      opened = await face.openFileSync({
        storage,
        identity,
        group: groupOf(group),
        ...(transport === undefined ? {} : { transport }),
      });
      return { ...(await watch.stop()), rssBytes: peakRssBytes() };
    },
    async close(_: undefined): Promise<void> {
      await sync().close();
      listener.close();
    },
  };
}

/** The listening side of WebSockets, and what its sockets carried. */
function listenerCalls() {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  const sentBytes = (socket: Socket): number => socket.bytesWritten - socket.writableLength;
  return {
    async listen() {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    },
    close: () => server.close(),
    calls: {
      address: async (_: undefined): Promise<string> => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      /** Both ways, of each connection in the order in which they were opened; what never left this process is not counted. */
      wireBytes: async (_: undefined): Promise<number[]> =>
        sockets.map((socket) => sentBytes(socket) + socket.bytesRead),
      /** Kills that process, as the system would for want of memory, when the newest connection has carried so much. */
      async killWhenSent({ pid, bytes }: { readonly pid: number; readonly bytes: number }): Promise<void> {
        const socket = sockets.at(-1);
        const timer = setInterval(() => {
          if (socket === undefined || sentBytes(socket) < bytes) return;
          clearInterval(timer);
          process.kill(pid, "SIGKILL");
        }, killPollMs);
      },
    },
  };
}

function attachCalls({ setup, sync }: MemberState) {
  const attach = async (source: SourceFile): Promise<string> => {
    const { path, fileBytes } = source;
    const bytes =
      fileBytes <= inMemoryBytesMax ? new Uint8Array(await readFile(path)) : fileToAttach(await loadNode(setup), path);
    return (await sync().attach(bytes, { messageId: crypto.randomUUID(), name: "bench.bin", fileBytes })).fileId;
  };
  return {
    /** File ids in the order of the sources. */
    async attach(argument: { readonly sources: readonly SourceFile[]; readonly atOnce: number }) {
      const watch = await startStopwatch(setup, "attach");
      const fileIds = await inParallel(argument.sources, argument.atOnce, attach);
      return { ...(await watch.stop()), fileIds };
    },
    /** Attachments of random bytes, for stores that are made and not measured. */
    async attachMade({ count, fileBytes }: { readonly count: number; readonly fileBytes: number }): Promise<string[]> {
      const indexes = Array.from({ length: count }, (_, index) => index);
      return inParallel(indexes, madeAtOnce, async (index) => {
        const bytes = crypto.getRandomValues(new Uint8Array(fileBytes));
        const messageId = crypto.randomUUID();
        return (await sync().attach(bytes, { messageId, name: `picture-${index}.jpg`, mediaType: "image/jpeg" }))
          .fileId;
      });
    },
  };
}

async function inParallel<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await run(items[i] as T);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const pollMs = 5;
const waitMsMax = 60_000;

function fetchCalls({ setup, sync }: MemberState) {
  const allComplete = async (fileIds: readonly string[]): Promise<void> => {
    await Promise.all(fileIds.map((fileId) => sync().whenComplete(fileId)));
  };
  return {
    attachmentCount: async (_: undefined): Promise<number> => sync().attachments().length,
    /** Until so many descriptors are here. */
    async awaitAttachments(count: number): Promise<void> {
      const giveUpAtMs = performance.now() + waitMsMax;
      for (let known = 0; known < count; known = sync().attachments().length) {
        if (performance.now() > giveUpAtMs) throw new Error(`${known} of ${count} descriptors arrived`);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    /** All are requested at once; until the last is verified and flushed. */
    async fetch(fileIds: readonly string[]): Promise<Measured> {
      const watch = await startStopwatch(setup, "fetch");
      await Promise.all(fileIds.map((fileId) => sync().request(fileId)));
      await allComplete(fileIds);
      return { ...(await watch.stop()), rssBytes: peakRssBytes() };
    },
    /** Of files that were wanted before. */
    async awaitComplete(fileIds: readonly string[]): Promise<Measured> {
      const watch = await startStopwatch(setup, "resume");
      await allComplete(fileIds);
      return { ...(await watch.stop()), rssBytes: peakRssBytes() };
    },
    bytesHeld: async (fileId: string): Promise<number> => sync().progress(fileId)?.bytesReceived ?? 0,
    async digests(fileIds: readonly string[]): Promise<string[]> {
      const digests: string[] = [];
      for (const fileId of fileIds) digests.push(await digestOf(sync(), fileId));
      return digests;
    },
  };
}

function measureCalls({ setup }: MemberState) {
  let watch: Stopwatch | undefined;
  let probe: LoopProbe | undefined;
  return {
    async startMeasuring(name: string): Promise<void> {
      watch = await startStopwatch(setup, name);
    },
    async stopMeasuring(_: undefined): Promise<Measured> {
      if (watch === undefined) throw new Error("nothing is measured");
      return { ...(await watch.stop()), rssBytes: peakRssBytes() };
    },
    async startProbe(_: undefined): Promise<void> {
      probe = startLoopProbe();
    },
    async stopProbe(_: undefined): Promise<LoopHeld> {
      if (probe === undefined) throw new Error("nothing is probed");
      return probe.stop();
    },
  };
}
