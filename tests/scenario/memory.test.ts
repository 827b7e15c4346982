/** Memory is bounded by what is under way, not by the size of the file (G-10). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createGroupKey, createIdentityKeys, openFileSync, peerIdOf } from "../../core/index.ts";
import { nodeStorage, nodeWebSocketTransport, webSocketServer } from "../../core/node.ts";
import { contentOf } from "../file/content.ts";
import { miB } from "./story.ts";

const test = suite("scenario: memory");

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const usedBytes = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const chunk = contentOf(miB);

/** A stream that is made as it is read; what is alive when a chunk is asked for is noted. */
async function* source(chunks: number, peak: { bytes: number }): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < chunks; n++) {
    if (n % 8 === 0) {
      collectGarbage();
      peak.bytes = Math.max(peak.bytes, usedBytes());
    }
    yield chunk.slice();
  }
}

async function transferPeaks(fileMiB: number): Promise<{ attach: number; fetch: number }> {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-memory-"));
  const keys = [await createIdentityKeys(), await createIdentityKeys()] as const;
  const group = { name: "g", members: keys.map((each) => peerIdOf(each)), keys: [createGroupKey()] };
  const open = (n: 0 | 1, transport: Parameters<typeof openFileSync>[0]["transport"]) =>
    openFileSync({
      storage: nodeStorage(join(folder, `${n}`)),
      identity: keys[n],
      group,
      ...(transport && { transport }),
    });
  const server = webSocketServer();
  const ana = await open(0, server);
  const ben = await open(1, nodeWebSocketTransport({ connect: server.address().url }));
  try {
    collectGarbage();
    const before = usedBytes();
    const peak = { bytes: 0 };
    const { fileId } = await ana.attach(source(fileMiB, peak), { messageId: "ab".repeat(16) });
    const attach = peak.bytes - before;
    peak.bytes = 0;
    const unsubscribe = ben.subscribe(() => {
      collectGarbage();
      peak.bytes = Math.max(peak.bytes, usedBytes());
    });
    await ben.request(fileId);
    await ben.whenComplete(fileId);
    unsubscribe();
    return { attach, fetch: peak.bytes - before };
  } finally {
    await ben.close();
    await ana.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a stream of 128 MiB, attached and fetched: at either end a fraction of it is in memory at any time (G-10)", async () => {
  // Goal: size is a matter of the disk. Method: both ends in this process, stores on disk, a stream of unknown length;
  // what is alive after a collection is noted again and again. What is under way is 4 MiB of a flight, and what frames
  // and sockets hold of it on both sides.
  await transferPeaks(2);
  const { attach, fetch } = await transferPeaks(128);
  assert.ok(attach < 12 * miB, `attaching took ${attach} bytes`);
  assert.ok(fetch < 48 * miB, `fetching took ${fetch} bytes`);
});

test.run();
