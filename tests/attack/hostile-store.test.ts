/** A store that somebody else wrote to: it opens or says by name why not, and nothing is read or written elsewhere (G-8). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cryptoReady, hash } from "../../core/crypto/index.ts";
import { createGroupKey, createIdentityKeys, FileSyncError, openFileSync, peerIdOf } from "../../core/index.ts";
import { nodeStorage } from "../../core/node.ts";

const test = suite("attack: hostile store");

await cryptoReady();
const identity = await createIdentityKeys();
const group = { name: "alone", members: [peerIdOf(identity)], keys: [createGroupKey()] };
const messageId = "ab".repeat(16);
const gib = 2 ** 30;

/** Anyone can make a record that checks out: the hashes are no secret. */
function record(event: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(36 + event.length);
  new DataView(bytes.buffer).setUint32(0, event.length);
  bytes.set(hash("focused-file-sync event 1", 16, event), 16);
  bytes.set(hash("focused-file-sync record 1", 16, bytes.subarray(0, 32)).subarray(0, 4), 32);
  bytes.set(event, 36);
  return bytes;
}

function localEvent(length: number, sequenceByte: number): Uint8Array {
  const event = new Uint8Array(length).fill(sequenceByte, 50, 58);
  event[0] = 1;
  event[1] = 0x42;
  return event;
}

const harms: Readonly<Record<string, (folder: string, fileId: string) => void>> = {
  "a local event too short for its sequence": (folder) =>
    appendFileSync(join(folder, "events.log"), record(localEvent(50, 0))),
  "a local event with a sequence of 2^64 - 1": (folder) =>
    appendFileSync(join(folder, "events.log"), record(localEvent(180, 255))),
  "a cache of 12 GiB": (folder) => truncateSync(join(folder, "projections.cache"), 12 * gib),
  "a cache that is a folder": (folder) => {
    unlinkSync(join(folder, "projections.cache"));
    mkdirSync(join(folder, "projections.cache"));
  },
  "leaves of 12 GiB": (folder, fileId) => truncateSync(join(folder, "leaves", fileId), 12 * gib),
  "slices of 12 GiB": (folder, fileId) => truncateSync(join(folder, "slices", fileId), 12 * gib),
  "a log with 64 MiB of zeros behind it": (folder) => truncateSync(join(folder, "events.log"), gib / 16),
  "names that are none of ours": (folder) => writeFileSync(join(folder, "slices", "..named"), ""),
};

async function inStore(story: (folder: string, fileId: string, bytes: Uint8Array) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-"));
  try {
    const bytes = new Uint8Array(100_000).map((_, i) => i % 251);
    const sync = await openFileSync({ storage: nodeStorage(folder), identity, group });
    const { fileId } = await sync.attach(bytes, { messageId });
    await sync.close();
    await story(folder, fileId, bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [what, harm] of Object.entries(harms)) {
  test(`${what}: the store opens, reads, takes on and deletes`, () =>
    inStore(async (folder, fileId, bytes) => {
      harm(folder, fileId);
      const sync = await openFileSync({ storage: nodeStorage(folder), identity, group });
      assert.equal(new Uint8Array(await (await sync.blob(fileId)).arrayBuffer()), bytes);
      await sync.attach(new Uint8Array(10), { messageId });
      await sync.request("ff".repeat(16));
      await sync.cancel("ff".repeat(16));
      // A folder in the cache's place cannot be removed: that is the storage's failure, and nothing else's.
      const failure = await sync.delete(fileId).catch((thrown: unknown) => thrown);
      assert.ok(failure === undefined || failure instanceof FileSyncError, String(failure));
      await sync.close();
    }));
}

test("a link in the place of slices leads nowhere: it is neither read nor written", () =>
  inStore(async (folder, fileId) => {
    const elsewhere = `${folder}-elsewhere`;
    writeFileSync(elsewhere, "not ours");
    try {
      unlinkSync(join(folder, "slices", fileId));
      symlinkSync(elsewhere, join(folder, "slices", fileId));
      const sync = await openFileSync({ storage: nodeStorage(folder), identity, group });
      const failure = await sync.blob(fileId).catch((thrown: unknown) => thrown);
      assert.ok(failure instanceof FileSyncError && failure.code === "storage_failed", String(failure));
      await sync.close();
      assert.is(readFileSync(elsewhere, "utf8"), "not ours");
    } finally {
      rmSync(elsewhere);
    }
  }));

test.run();
