/** Two peers in one process: the library alone, without sockets and disks. */
import { readFileSync } from "node:fs";
import { directLink } from "./direct-link.ts";
import { loadFace } from "./library.ts";
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

  async function openPair() {
    const identities = [await face.createIdentityKeys(), await face.createIdentityKeys()] as const;
    const group = groupOf({ members: identities.map(face.peerIdOf), groupKey: face.createGroupKey() });
    const transports = directLink();
    const open = (i: 0 | 1) =>
      face.openFileSync({
        storage: face.memoryStorage(),
        identity: identities[i],
        group,
        transport: transports[i],
      });
    return [await open(0), await open(1)] as const;
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
  };
}
