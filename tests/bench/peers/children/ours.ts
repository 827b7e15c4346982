/**
 * focused-file-sync, through its public API: stores on disk, a WebSocket, the secure channel on. What apps do before
 * anyone taps a file is before the clock: the connection is up and the descriptor has arrived.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FileSync, IdentityKeys } from "../../../../core/index.ts";
import { loadFace, loadNode } from "../../children/library.ts";
import { awaitAttachment, digestOf, groupOf, type GroupSetup } from "../../children/peer.ts";
import type { Info } from "./contract.ts";
import { runEnd } from "./ends.ts";

interface OurInfo extends Info, GroupSetup {
  readonly url: string;
  readonly fileId: string;
  /** The receiver's: the same again when it comes back after a kill. */
  readonly identity: IdentityKeys;
}

runEnd<OurInfo>({
  async sender({ setup, folder, source, begin }) {
    const face = await loadFace(setup);
    const node = await loadNode(setup);
    const [own, identity] = [await face.createIdentityKeys(), await face.createIdentityKeys()];
    const group = { members: [face.peerIdOf(own), face.peerIdOf(identity)], groupKey: face.createGroupKey() };
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const transport = node.webSocketServer({ server });
    const storage = node.nodeStorage(folder);
    const sync = await face.openFileSync({ storage, identity: own, group: groupOf(group), transport });
    begin();
    const { fileId } = await sync.attach(node.fileSource(source.path), {
      messageId: crypto.randomUUID(),
      name: "bench.bin",
      fileBytes: source.fileBytes,
    });
    return { info: { ...group, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, fileId, identity } };
  },

  async receiver({ setup, folder, fileBytes, info, isWatched, isResumed, progress }) {
    const face = await loadFace(setup);
    const node = await loadNode(setup);
    const { fileId, identity } = info;
    const open = (): Promise<FileSync> => {
      const transport = node.nodeWebSocketTransport({ connect: info.url });
      return face.openFileSync({ storage: node.nodeStorage(folder), identity, group: groupOf(info), transport });
    };
    // A want that was active goes on by itself when the store is opened, so that is within the clock then.
    let sync = isResumed ? undefined : await open();
    if (sync !== undefined) await awaitAttachment(sync, fileId);
    return {
      async receive() {
        const opened = (sync ??= await open());
        if (isWatched) opened.subscribe(() => progress((opened.progress(fileId)?.bytesReceived ?? 0) / fileBytes));
        if (!isResumed) await opened.request(fileId);
        await opened.whenComplete(fileId);
        return {};
      },
      digest: () => (sync === undefined ? Promise.reject(new Error("not open")) : digestOf(sync, fileId)),
      close: async () => sync?.close(),
    };
  },
});
