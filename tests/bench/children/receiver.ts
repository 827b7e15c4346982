/** The process that fetches a file and reads it back. */
import type { FileSync, IdentityKeys } from "../../../core/index.ts";
import { loadFace, loadNode } from "./library.ts";
import { peakRssBytes, startStopwatch } from "./measure.ts";
import type { Setup, Span } from "./messages.ts";
import { seek, type SeekFile } from "./seek.ts";
import { awaitAttachment, digestOf, groupOf, type GroupSetup } from "./peer.ts";

export interface OpenReceiver extends GroupSetup {
  readonly storePath: string;
  readonly url: string;
}

export type ReceiverCalls = Awaited<ReturnType<typeof receiverCalls>>;

export async function receiverCalls(setup: Setup) {
  const face = await loadFace(setup);
  const node = await loadNode(setup);
  const identity: IdentityKeys = await face.createIdentityKeys();
  let sync: FileSync | undefined;
  const opened = (): FileSync => {
    if (sync === undefined) throw new Error("not open");
    return sync;
  };

  return {
    peerId: async (): Promise<string> => face.peerIdOf(identity),
    async open({ storePath, url, ...group }: OpenReceiver): Promise<void> {
      const transport = node.nodeWebSocketTransport({ connect: url });
      const storage = node.nodeStorage(storePath);
      sync = await face.openFileSync({ storage, identity, group: groupOf(group), transport });
    },
    awaitAttachment: (fileId: string): Promise<void> => awaitAttachment(opened(), fileId),
    async fetch(fileId: string): Promise<Span & { readonly rssBytes: number }> {
      const watch = await startStopwatch(setup, "fetch");
      await opened().request(fileId);
      await opened().whenComplete(fileId);
      const span = await watch.stop();
      return { ...span, rssBytes: peakRssBytes() };
    },
    async read(fileId: string): Promise<Span & { readonly firstSeconds: number }> {
      const watch = await startStopwatch(setup, "read");
      const startedAtMs = performance.now();
      const reader = opened().read(fileId).getReader();
      let next = await reader.read();
      const firstSeconds = (performance.now() - startedAtMs) / 1000;
      while (!next.done) next = await reader.read();
      return { ...(await watch.stop()), firstSeconds };
    },
    seek: (file: SeekFile): Promise<number[]> => seek(opened(), file),
    digest: (fileId: string): Promise<string> => digestOf(opened(), fileId),
    close: (): Promise<void> => opened().close(),
  };
}
