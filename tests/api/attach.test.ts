/** Attaching: every kind of source, at the sizes where slices begin and end; what is kept of a name. */
import { Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameBytesMax } from "../../core/limits.ts";
import { memoryStorage, type AttachmentSource, type AttachProgress, type FileSync } from "../../core/index.ts";
import { bytesOf, content, inCircle, message, rejects } from "./circle.ts";

const test = suite("api: attach");

const alone = (story: (sync: FileSync) => Promise<void>): Promise<void> =>
  inCircle(["anna"], async (circle) => story(await circle.open("anna", { storage: memoryStorage() })));

/** Chunks of changing length, none of them a whole number of slices. */
async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0, length = 1; at < bytes.length; at += length, length = (length * 7) % 100_003) {
    if (at > 0) length = Math.max(1, length);
    yield bytes.subarray(at, at + length);
  }
}

const kinds: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => AttachmentSource>> = {
  Uint8Array: (bytes) => bytes,
  Blob: (bytes) => new Blob([bytes]),
  File: (bytes) => new File([bytes], "a.bin"),
  ReadableStream: (bytes) => new Blob([bytes]).stream(),
  AsyncIterable: (bytes) => chunksOf(bytes),
  "Node's Readable": (bytes) => Readable.from(chunksOf(bytes)) as AsyncIterable<Uint8Array>,
};

const sizes = [0, 1, 449, 450, 451, 3 * 1024 * 1024];

for (const [kind, make] of Object.entries(kinds)) {
  test(`from a ${kind} of ${sizes.join(", ")} bytes: read back as it was`, () =>
    alone(async (sync) => {
      for (const size of sizes) {
        const bytes = content(size);
        const { fileId, fileBytes } = await sync.attach(make(bytes), { messageId: message, mediaType: "image/png" });
        assert.is(fileBytes, size);
        assert.ok(Buffer.from(await bytesOf(sync.read(fileId))).equals(bytes), `${size} bytes`);
        const progress = sync.progress(fileId);
        assert.equal([progress?.status, progress?.percent, progress?.bytesReceived], ["complete", 100, size]);
      }
    }));
}

test("one source with and without its length announced: told alike", () =>
  alone(async (sync) => {
    const bytes = content(100_000);
    const known = await sync.attach(chunksOf(bytes), { messageId: message, fileBytes: bytes.length });
    const unknown = await sync.attach(chunksOf(bytes), { messageId: message });
    assert.is(known.fileBytes, unknown.fileBytes);
    assert.is.not(known.fileId, unknown.fileId, "the same content twice has keys and ids of its own");
    assert.equal(await bytesOf(sync.read(known.fileId)), bytes);
    assert.equal(await bytesOf(sync.read(unknown.fileId)), bytes);
  }));

test("onProgress: bytes done rise to the length; an empty source ends without a word", () =>
  alone(async (sync) => {
    const seen: AttachProgress[] = [];
    const onProgress = (progress: AttachProgress): void => void seen.push(progress);
    await sync.attach(content(1_000_000), { messageId: message, onProgress });
    assert.ok(seen.length > 1);
    assert.equal(seen.at(-1), { bytesDone: 1_000_000, fileBytes: 1_000_000 });
    assert.ok(seen.every(({ bytesDone }, i) => i === 0 || bytesDone > (seen[i - 1]?.bytesDone ?? 0)));
    seen.length = 0;
    await sync.attach(chunksOf(content(10)), { messageId: message, onProgress });
    assert.equal(seen.at(-1), { bytesDone: 10, fileBytes: undefined });
  }));

const names = {
  empty: "",
  "with path separators": "../../etc/passwd\\..\\x",
  "with NUL and control characters": "a\0b\n\x1b[31m.txt",
  "with right-to-left overrides": "invoice\u202egpj.exe",
  "of emoji, 255 bytes": "🏳️‍🌈".repeat(18) + "abc",
  "that looks like a prototype": "__proto__",
};

for (const [what, name] of Object.entries(names)) {
  test(`a name ${what} is kept as data, here and at the other member`, () =>
    inCircle(["anna", "ben"], async (circle) => {
      assert.ok(Buffer.byteLength(name) <= nameBytesMax);
      const anna = await circle.open("anna");
      const ben = await circle.open("ben");
      const heard = new Promise<void>((resolve) => {
        ben.subscribe(() => ben.attachments().length > 0 && resolve());
      });
      const { fileId } = await anna.attach(content(10), { messageId: message, name });
      await heard;
      assert.is(ben.attachments()[0]?.name, name);
      assert.is(ben.progress(fileId)?.name, name);
      assert.is(anna.attachments({ messageId: message })[0]?.name, name);
      const stray = circle
        .storageOf("ben")
        .files()
        .filter((file) => !/^[a-z.]+(\/[0-9a-f]{32})?$/.test(file));
      assert.equal(stray, [], "nothing in the store is named after it");
    }));
}

test("what is told of an attachment is what the list gives, at every field", () =>
  alone(async (sync) => {
    const options = { name: "a.png", mediaType: "image/png", width: 640, height: 480, ttlMs: 60_000 };
    const preview = content(28);
    const told = await sync.attach(content(1000), { ...options, preview, messageId: message });
    assert.equal(sync.attachments(), [told]);
    const { fileBytes, width, height, expiresAtMs, createdAtMs, name, mediaType } = told;
    assert.equal(
      { fileBytes, width, height, name, mediaType, ttlMs: expiresAtMs - createdAtMs },
      { fileBytes: 1000, ...options },
    );
    assert.equal(told.preview, preview);
    preview.fill(0);
    assert.not.equal(sync.attachments()[0]?.preview, preview, "the app's buffer is its own");
  }));

test("a UUID with dashes and capitals is a message id, the same as its 32 digits", () =>
  alone(async (sync) => {
    const messageId = "01234567-89AB-cdef-0123-456789abcdef";
    const { fileId } = await sync.attach(content(1), { messageId });
    assert.equal(
      sync.attachments({ messageId: message }).map((each) => each.fileId),
      [fileId],
    );
    assert.equal(sync.attachments({ messageId }).length, 1);
    assert.equal(sync.attachments({ messageId: "00".repeat(16) }), []);
  }));

test("attachments come in the order in which they were attached, within one millisecond too", () =>
  alone(async (sync) => {
    const before: string[] = [];
    for (let i = 0; i < 20; i++) before.push((await sync.attach(content(i), { messageId: message })).fileId);
    assert.equal(
      sync.attachments({ messageId: message }).map(({ fileId }) => fileId),
      before,
    );
    // The larger ones first: they are through last.
    const atOnce = Array.from({ length: 5 }, (_, i) =>
      sync.attach(content(500_000 - 100_000 * i), { messageId: message }),
    );
    const fileIds = (await Promise.all(atOnce)).map(({ fileId }) => fileId);
    assert.equal(
      sync
        .attachments()
        .slice(20)
        .map(({ fileId }) => fileId),
      fileIds,
    );
  }));

test("what cannot be attached is told by name, before anything is read", () =>
  alone(async (sync) => {
    const source = content(1);
    const refused = (more: object, code: Parameters<typeof rejects>[1], detail = ""): Promise<unknown> =>
      rejects(sync.attach(source, { messageId: message, ...more }), code, detail);
    await rejects(sync.attach(source, undefined as never), "argument_invalid", "messageId");
    for (const messageId of [undefined, "", "abc", `${message}00`, 7, "g".repeat(32)])
      await refused({ messageId }, "argument_invalid", "messageId");
    for (const bad of [undefined, null, "text", 7, [source], {}, new ArrayBuffer(8)])
      await rejects(sync.attach(bad as never, { messageId: message }), "argument_invalid", "source");
    await refused({ name: "x".repeat(256) }, "name_too_long");
    await refused({ name: "😀".repeat(64) }, "name_too_long");
    await refused({ name: 7 }, "argument_invalid", "name");
    await refused({ name: "half \ud83d" }, "argument_invalid", "name");
    await refused({ mediaType: "x".repeat(128) }, "media_type_too_long");
    await refused({ mediaType: null }, "argument_invalid", "mediaType");
    await refused({ preview: content(65) }, "preview_too_long");
    await refused({ preview: "thumbhash" }, "argument_invalid", "preview");
    for (const value of [-1, 1.5, Number.NaN, 2 ** 32, "1"]) {
      await refused({ width: value }, "argument_invalid", "width");
      await refused({ height: value }, "argument_invalid", "height");
    }
    for (const ttlMs of [-1, 0.5, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])
      await refused({ ttlMs }, "argument_invalid", "ttlMs");
    for (const fileBytes of [-1, 0.5, "10"]) await refused({ fileBytes }, "argument_invalid", "fileBytes");
    assert.equal(sync.attachments(), []);
  }));

test("twenty at once: none of Node's warnings of leaks", () =>
  alone(async (sync) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const attach = (): Promise<unknown> => sync.attach(chunksOf(content(3000)), { messageId: message });
    await Promise.all(Array.from({ length: 20 }, attach));
    // A warning is told in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("warning", onWarning);
    assert.equal(warnings, []);
  }));

test("a Blob can be attached again; one whose stream is the app's own keeps the app's bytes", () =>
  alone(async (sync) => {
    const bytes = content(200_000);
    const blob = new Blob([bytes]);
    class Own extends Blob {
      override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
        return new ReadableStream({ start: (to) => (to.enqueue(bytes), to.close()) });
      }
    }
    for (const source of [blob, blob, new Own([bytes]), new Own([bytes])]) {
      const { fileId } = await sync.attach(source, { messageId: message });
      assert.ok(Buffer.from(await bytesOf(sync.read(fileId))).equals(bytes));
    }
    assert.is(bytes.length, 200_000);
  }));

test.run();
