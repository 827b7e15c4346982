/** A disk that goes bad or runs full: told by name, and mended from another peer or by asking again. Proves G-1 and G-9 in part. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import { sealedSliceBytes } from "../../core/limits.ts";
import { faultyStorage } from "../../core/storage/faulty.ts";
import { nodeStorage } from "../../core/node.ts";
import { bytesOf, content, inCircle, message, rejects, until, type Circle } from "./circle.ts";

const test = suite("api: damage");

/** Anna and ben both hold a file; ben's store is a folder. Then ben's copy is spoiled while it is closed. */
async function spoiled(
  spoil: (path: string) => void,
  story: (circle: Circle, fileId: string, bytes: Uint8Array, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "file-sync-damage-"));
  try {
    await inCircle(["anna", "ben"], async (circle) => {
      const anna = await circle.open("anna");
      const bytes = content(300_000);
      const { fileId } = await anna.attach(bytes, { messageId: message });
      const ben = await circle.open("ben", { storage: nodeStorage(folder) });
      await until("ben hears of it", () => ben.attachments().length === 1);
      await ben.request(fileId);
      await ben.whenComplete(fileId);
      await ben.close();
      spoil(join(folder, "slices", fileId));
      await story(circle, fileId, bytes, folder);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const wounds: Readonly<Record<string, (path: string) => void>> = {
  "one bit flipped in the middle": (path) => {
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(200 * sealedSliceBytes + 7) ^ 4, 200 * sealedSliceBytes + 7);
    writeFileSync(path, bytes);
  },
  "a tag at the very end gone": (path) => truncateSync(path, readFileSync(path).length - 1),
  "all of it zeros": (path) => writeFileSync(path, new Uint8Array(readFileSync(path).length)),
  emptied: (path) => truncateSync(path, 0),
  removed: (path) => rmSync(path),
};

for (const [what, spoil] of Object.entries(wounds)) {
  test(`a slice file with ${what}: at_rest_damaged and no wrong byte, then it is fetched again and reads as before (G-1)`, () =>
    spoiled(spoil, async (circle, fileId, bytes, folder) => {
      const ben = await circle.open("ben", { storage: nodeStorage(folder) });
      const error = await readUntilDamage(ben.read(fileId), bytes);
      assert.is(error.code, "at_rest_damaged");
      assert.is(error.retryable, true);
      assert.is(ben.progress(fileId)?.status, "active", "it is asked for again by itself");
      await ben.whenComplete(fileId);
      assert.ok(Buffer.from(await bytesOf(ben.read(fileId))).equals(bytes));
    }));
}

/** What came before the damage must be right; returns what the stream ended with. */
async function readUntilDamage(
  stream: ReadableStream<Uint8Array>,
  bytes: Uint8Array,
): Promise<{ code: string; retryable: boolean }> {
  let at = 0;
  try {
    for await (const chunk of stream) {
      assert.ok(Buffer.from(chunk).equals(bytes.subarray(at, at + chunk.length)));
      at += chunk.length;
    }
  } catch (thrown) {
    return thrown as { code: string; retryable: boolean };
  }
  return assert.unreachable("the damage was not found") as never;
}

test("damaged with nobody there: active until a peer comes; what is sound is not fetched again", () =>
  spoiled(wounds["one bit flipped in the middle"] as (path: string) => void, async (circle, fileId, bytes, folder) => {
    const alone = await circle.open("ben", { storage: nodeStorage(folder), transport: [] });
    await rejects(alone.blob(fileId), "at_rest_damaged", "slice 200");
    const { status, percent = 0 } = alone.progress(fileId) ?? {};
    assert.is(status, "active");
    assert.ok(percent >= 80, `${percent} % are still held`);
    await rejects(alone.blob(fileId), "not_complete");
    await alone.close();
    const ben = await circle.open("ben", { storage: nodeStorage(folder) });
    await ben.whenComplete(fileId);
    assert.ok(Buffer.from(await bytesOf(ben.read(fileId))).equals(bytes));
  }));

test("an attachment of our own that goes bad is fetched back from who has it", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna");
    const ben = await circle.open("ben");
    const bytes = content(300_000);
    const { fileId } = await anna.attach(bytes, { messageId: message });
    await ben.request(fileId);
    await ben.whenComplete(fileId);
    circle.storageOf("anna").flipByte(`slices/${fileId}`, 12_345);
    await rejects(anna.blob(fileId), "at_rest_damaged");
    await anna.whenComplete(fileId);
    assert.ok(Buffer.from(await bytesOf(anna.read(fileId))).equals(bytes));
  }));

test("a full disk: the want fails with storage_full; asked for again when there is space, it completes", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna");
    const disk = faultyStorage(seededRandom(1));
    const ben = await circle.open("ben", { storage: disk });
    const bytes = content(1_000_000);
    const { fileId } = await anna.attach(bytes, { messageId: message });
    await until("ben hears of it", () => ben.attachments().length === 1);
    await ben.request(fileId);
    disk.setPlan({ failure: { call: 5, code: "storage_full", lasting: true } });
    const error = await rejects(ben.whenComplete(fileId), "storage_full");
    assert.is(error.retryable, true);
    const { status, failure } = ben.progress(fileId) ?? {};
    assert.equal({ status, failure }, { status: "failed", failure: "storage_full" });
    await rejects(ben.request(fileId), "storage_full");
    disk.setPlan({});
    await ben.request(fileId);
    await ben.whenComplete(fileId);
    assert.ok(Buffer.from(await bytesOf(ben.read(fileId))).equals(bytes));
  }));

test("closed on a full disk: it is told, the lock is given back all the same, and nothing is lost", () =>
  inCircle(["anna"], async (circle) => {
    const disk = faultyStorage(seededRandom(1));
    const anna = await circle.open("anna", { storage: disk });
    const { fileId } = await anna.attach(content(1000), { messageId: message });
    disk.setPlan({ failure: { call: 1, code: "storage_full", lasting: true } });
    await rejects(anna.close(), "storage_full");
    disk.setPlan({});
    const again = await circle.open("anna", { storage: disk });
    assert.is((await again.blob(fileId)).size, 1000);
  }));

const tinyDisk = mkdtempSync(join(tmpdir(), "file-sync-tiny-"));
let isMounted = false;
try {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", tinyDisk], { stdio: "ignore" });
  isMounted = true;
} catch {
  // Not allowed here: the planned failures above have to do.
}
test.after(() => {
  if (isMounted) execFileSync("umount", [tinyDisk]);
  rmSync(tinyDisk, { recursive: true, force: true });
});

/** A real file system of one MiB, where mounting one is allowed. */
if (isMounted) {
  test("a disk that is really full: storage_full for who attaches and who fetches; room made, both work", () =>
    inCircle(["anna", "ben"], async (circle) => {
      const anna = await circle.open("anna");
      const ben = await circle.open("ben", { storage: nodeStorage(join(tinyDisk, "store")) });
      await rejects(ben.attach(content(2_000_000), { messageId: message }), "storage_full");
      assert.equal(readdirSync(join(tinyDisk, "store", "attaching")), []);
      const ballast = join(tinyDisk, "ballast");
      writeFileSync(ballast, content(400_000));
      const bytes = content(700_000);
      const { fileId } = await anna.attach(bytes, { messageId: message });
      await until("ben hears of it", () => ben.attachments().length === 1);
      await ben.request(fileId);
      await rejects(ben.whenComplete(fileId), "storage_full");
      rmSync(ballast);
      await ben.request(fileId);
      await ben.whenComplete(fileId);
      fillUp(ballast);
      await ben.close();
      const again = await circle.open("ben", { storage: nodeStorage(join(tinyDisk, "store")) });
      assert.ok(Buffer.from(await bytesOf(again.read(fileId))).equals(bytes), "opening and reading need no space");
    }));
}

function fillUp(path: string): void {
  for (let size = 65_536; size >= 1; size /= 2) {
    try {
      for (let i = 0; i < 32; i++) appendFileSync(path, new Uint8Array(size));
    } catch {
      // This much does not fit any more.
    }
  }
}

test.run();
