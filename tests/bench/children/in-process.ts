/** Two peers in one process: the library alone, without sockets. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileSync } from "../../../core/index.ts";
import { directLink } from "./direct-link.ts";
import { fileToAttach, loadFace, loadNode } from "./library.ts";
import { peakRssBytes, startStopwatch } from "./measure.ts";
import type { Setup, SourceFile, Span } from "./messages.ts";
import { awaitAttachment, digestOf, groupOf } from "./peer.ts";

export interface InProcessResult extends Span {
  readonly fetchSeconds: number;
  readonly rssBytes: number;
  /** SHA-256 of what the second peer reads. */
  readonly digest: string;
}

export type InProcessCalls = Awaited<ReturnType<typeof inProcessCalls>>;

export async function inProcessCalls(setup: Setup) {
  const face = await loadFace(setup);
  const node = await loadNode(setup);

  /** With a folder: stores on disk, and a link that proves who is there. */
  async function openPair(folder?: string): Promise<readonly [FileSync, FileSync]> {
    const identities = [await face.createIdentityKeys(), await face.createIdentityKeys()] as const;
    const members = identities.map(face.peerIdOf);
    const group = groupOf({ members, groupKey: face.createGroupKey() });
    const transports = directLink(folder === undefined ? [] : members);
    const open = (i: 0 | 1) =>
      face.openFileSync({
        storage: folder === undefined ? face.memoryStorage() : node.nodeStorage(join(folder, `${i}`)),
        identity: identities[i],
        group,
        transport: transports[i],
      });
    return [await open(0), await open(1)];
  }

  return {
    async run({ path }: SourceFile): Promise<InProcessResult> {
      const source = new Uint8Array(readFileSync(path));
      const [sender, receiver] = await openPair();
      const watch = await startStopwatch(setup, "inprocess");
      const { fileId } = await sender.attach(source, { messageId: crypto.randomUUID(), name: "bench.bin" });
      await awaitAttachment(receiver, fileId);
      const fetchStartedAtMs = performance.now();
      await receiver.request(fileId);
      await receiver.whenComplete(fileId);
      const fetchSeconds = (performance.now() - fetchStartedAtMs) / 1000;
      const span = await watch.stop();
      const rssBytes = peakRssBytes();
      const digest = await digestOf(receiver, fileId);
      await Promise.all([sender.close(), receiver.close()]);
      return { ...span, fetchSeconds, rssBytes, digest };
    },
    /** The way from one store on disk to the other with nothing but the library in between. */
    async fetchOnDisk({
      path,
      fileBytes,
      folder,
    }: SourceFile & { readonly folder: string }): Promise<Span & { readonly digest: string }> {
      const [sender, receiver] = await openPair(folder);
      const source = fileToAttach(node, path);
      const { fileId } = await sender.attach(source, { messageId: crypto.randomUUID(), name: "bench.bin", fileBytes });
      await awaitAttachment(receiver, fileId);
      const watch = await startStopwatch(setup, "inprocess-stored");
      await receiver.request(fileId);
      await receiver.whenComplete(fileId);
      const span = await watch.stop();
      const digest = await digestOf(receiver, fileId);
      await Promise.all([sender.close(), receiver.close()]);
      return { ...span, digest };
    },
  };
}
