/** Reading: any range, no faster than it is asked for, and by name when it cannot be. Proves G-1 at the public face. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openBatchBytes } from "../../core/file/opener.ts";
import { createGroupKey, type FileSync } from "../../core/index.ts";
import {
  bytesOf,
  content,
  inCircle,
  message,
  onSlowLine,
  pause,
  rejects,
  unknownFile,
  until,
  type Circle,
} from "./circle.ts";

const test = suite("api: read");

const withFile = (
  fileBytes: number,
  story: (sync: FileSync, fileId: string, bytes: Uint8Array, circle: Circle) => Promise<void>,
): Promise<void> =>
  inCircle(["anna"], async (circle) => {
    const sync = await circle.open("anna");
    const bytes = content(fileBytes);
    const { fileId } = await sync.attach(bytes, { messageId: message, mediaType: "video/mp4" });
    await story(sync, fileId, bytes, circle);
  });

test("every range around the edges of slices and batches gives just its bytes (G-1)", () =>
  withFile(2 * openBatchBytes + 777, async (sync, fileId, bytes) => {
    const end = bytes.length;
    const edges = [0, 1, 449, 450, 451, openBatchBytes - 1, openBatchBytes, openBatchBytes + 1, end - 1, end];
    for (const start of edges)
      for (const stop of edges.filter((edge) => edge >= start)) {
        const got = Buffer.from(await bytesOf(sync.read(fileId, { start, end: stop })));
        assert.ok(got.equals(bytes.subarray(start, stop)), `${start} to ${stop}`);
      }
    assert.ok(Buffer.from(await bytesOf(sync.read(fileId, { start: 1000 }))).equals(bytes.subarray(1000)));
    assert.ok(Buffer.from(await bytesOf(sync.read(fileId, { end: 1000 }))).equals(bytes.subarray(0, 1000)));
  }));

test("a range that does not lie in the file: range_invalid, out of the stream", () =>
  withFile(1000, async (sync, fileId) => {
    const bad = [
      { start: -1 },
      { start: 1001 },
      { end: 1001 },
      { start: 5, end: 4 },
      { start: 0.5 },
      { end: Number.NaN },
      { start: "0" },
    ];
    for (const range of bad as { start: number }[])
      await rejects(bytesOf(sync.read(fileId, range)), "range_invalid", "1000");
    assert.equal(await bytesOf(sync.read(fileId, { start: 1000 })), new Uint8Array(0));
  }));

test("a slow reader holds nothing up: what was not asked for is not read from the store", () =>
  withFile(2_000_000, async (sync, fileId, bytes, circle) => {
    const store = circle.storageOf("anna");
    const readsOf = (): number => store.readCount(`slices/${fileId}`);
    const before = readsOf();
    const reader = sync.read(fileId).getReader();
    await pause(20);
    assert.is(readsOf(), before, "opening reads nothing");
    const first = await reader.read();
    await pause(20);
    assert.is(readsOf(), before + 1, "one read gives one batch");
    assert.is(first.value?.length, openBatchBytes);
    await reader.cancel();
    const again = sync.read(fileId);
    assert.ok(Buffer.from(await bytesOf(again)).equals(bytes));
  }));

test("aborted: it ends with the reason; the file stays, and other readers go on", () =>
  withFile(500_000, async (sync, fileId, bytes) => {
    const reason = new Error("the video was closed");
    const controller = new AbortController();
    const reader = sync.read(fileId, { signal: controller.signal }).getReader();
    const other = sync.read(fileId);
    await reader.read();
    controller.abort(reason);
    const ends = (promise: Promise<unknown>): Promise<void> =>
      promise.then(
        () => assert.unreachable(),
        (thrown: unknown) => assert.is(thrown, reason),
      );
    await ends(reader.read());
    await ends(bytesOf(sync.read(fileId, { signal: controller.signal })));
    await ends(sync.blob(fileId, { signal: controller.signal }));
    assert.is(sync.progress(fileId)?.status, "complete");
    assert.ok(Buffer.from(await bytesOf(other)).equals(bytes));
  }));

test("reading what is not here: file_unknown, not_complete, file_deleted, each out of the stream", () =>
  onSlowLine(async ({ ben, fileId, toPercent }) => {
    await rejects(bytesOf(ben.read(unknownFile)), "file_unknown");
    await rejects(ben.blob(unknownFile), "file_unknown");
    await rejects(bytesOf(ben.read(fileId)), "not_complete");
    await ben.request(fileId);
    await toPercent(50);
    await rejects(bytesOf(ben.read(fileId, { start: 0, end: 1 })), "not_complete");
    await rejects(ben.blob(fileId), "not_complete");
    assert.is(ben.progress(fileId)?.status, "active", "a reader that failed has cancelled nothing");
  }));

test("deleted or closed while it is read: the stream ends with file_deleted or closed, and not a byte is wrong", () =>
  withFile(500_000, async (sync, fileId, bytes) => {
    const reader = sync.read(fileId).getReader();
    const { value } = await reader.read();
    assert.equal(value, bytes.subarray(0, value?.length));
    const { fileId: other } = await sync.attach(bytes, { messageId: message });
    const second = sync.read(other).getReader();
    await second.read();
    await sync.delete(fileId);
    await rejects(reader.read(), "file_deleted");
    await sync.close();
    await rejects(second.read(), "closed");
    await rejects(() => sync.read(other), "closed");
  }));

test("blob: all bytes under the media type that the author gave", () =>
  withFile(100_000, async (sync, fileId, bytes) => {
    const blob = await sync.blob(fileId);
    assert.is(blob.type, "video/mp4");
    assert.ok(Buffer.from(await blob.arrayBuffer()).equals(bytes));
    const { fileId: empty } = await sync.attach(new Uint8Array(0), { messageId: message });
    const none = await sync.blob(empty);
    assert.equal([none.size, none.type], [0, ""]);
  }));

test("requested by its id before the group key came: slices arrive, key_missing until setGroup brings it", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const newer = { ...circle.group, keys: [createGroupKey(), ...circle.group.keys] };
    const anna = await circle.open("anna", { group: newer });
    const ben = await circle.open("ben");
    const bytes = content(300_000);
    const { fileId } = await anna.attach(bytes, { messageId: message, name: "later.txt" });
    await ben.request(fileId);
    await ben.whenComplete(fileId);
    assert.equal(ben.attachments(), []);
    assert.is(ben.progress(fileId)?.name, undefined);
    const error = await rejects(bytesOf(ben.read(fileId)), "key_missing");
    assert.is(error.retryable, true);
    await rejects(ben.blob(fileId), "key_missing");
    let calls = 0;
    ben.subscribe(() => calls++);
    ben.setGroup(newer);
    await until("the name is known", () => ben.progress(fileId)?.name === "later.txt");
    assert.ok(calls > 0, "subscribers hear of it");
    assert.equal(await bytesOf(ben.read(fileId)), bytes);
  }));

test.run();
