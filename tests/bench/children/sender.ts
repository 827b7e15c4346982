/** The process that attaches a file and serves it. Its sockets are its own, so that their bytes can be counted. */
import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { FileSync, IdentityKeys } from "../../../core/index.ts";
import { fileToAttach, loadFace, loadNode } from "./library.ts";
import { peakRssBytes, startStopwatch, type Stopwatch } from "./measure.ts";
import type { Setup, SourceFile, Span } from "./messages.ts";
import { groupOf, type GroupSetup } from "./peer.ts";

export interface OpenSender extends GroupSetup {
  readonly storePath: string;
}

export type SenderCalls = Awaited<ReturnType<typeof senderCalls>>;

export async function senderCalls(setup: Setup) {
  const face = await loadFace(setup);
  const node = await loadNode(setup);
  const identity: IdentityKeys = await face.createIdentityKeys();
  const server = createServer();
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  let sync: FileSync | undefined;
  let stopwatch: Stopwatch | undefined;
  const opened = (): FileSync => {
    if (sync === undefined) throw new Error("not open");
    return sync;
  };

  return {
    peerId: async (): Promise<string> => face.peerIdOf(identity),
    async open({ storePath, ...group }: OpenSender): Promise<string> {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const transport = node.webSocketServer({ server });
      const storage = node.nodeStorage(storePath);
      sync = await face.openFileSync({ storage, identity, group: groupOf(group), transport });
      return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async attach({ path, fileBytes }: SourceFile): Promise<Span & { readonly fileId: string }> {
      const watch = await startStopwatch(setup, "attach");
      const source = fileToAttach(node, path);
      const { fileId } = await opened().attach(source, {
        messageId: crypto.randomUUID(),
        name: "bench.bin",
        fileBytes,
      });
      return { ...(await watch.stop()), fileId };
    },
    async startServing(): Promise<void> {
      stopwatch = await startStopwatch(setup, "fetch");
    },
    async stopServing(): Promise<{
      readonly cpuSeconds: number;
      readonly wireBytes: number;
      readonly rssBytes: number;
    }> {
      const wireBytes = sockets.reduce((total, { bytesRead, bytesWritten }) => total + bytesRead + bytesWritten, 0);
      const rssBytes = peakRssBytes();
      const span = await stopwatch?.stop();
      return { cpuSeconds: span?.cpuSeconds ?? Number.NaN, wireBytes, rssBytes };
    },
    async close(): Promise<void> {
      await opened().close();
      server.close();
    },
  };
}
