/** Attaching that does not get to its end: the reason is told, and nothing half written stays. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import { sliceBytes, sliceCountMax } from "../../core/limits.ts";
import { faultyStorage, type FaultyStorage } from "../../core/storage/faulty.ts";
import type { AttachmentSource, AttachOptions, ErrorCode, FileSync } from "../../core/index.ts";
import {
  bytesOf,
  content,
  inCircle,
  message,
  partsIn,
  pause,
  rejects,
  watchedProvider,
  type WatchedProvider,
} from "./circle.ts";

const test = suite("api: attach that fails");

type Story = (sync: FileSync, store: WatchedProvider) => Promise<void>;

/** Whatever the story does, no part of a file is there afterwards, no attachment is known, and the next attach works. */
const leavesNothing = (story: Story): Promise<void> =>
  inCircle(["anna"], async (circle) => {
    const sync = await circle.open("anna");
    const store = circle.storageOf("anna");
    await story(sync, store);
    assert.equal(partsIn(store.files()), []);
    assert.equal(sync.attachments(), []);
    const { fileId } = await sync.attach(content(1000), { messageId: message });
    assert.is((await sync.blob(fileId)).size, 1000);
  });

async function* endless(chunkBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (;;) {
    await pause(1);
    yield content(chunkBytes);
  }
}

const broken = new Error("the camera was unplugged");

const throwing: Readonly<Record<string, () => AttachmentSource>> = {
  "a generator that throws": async function* () {
    yield content(1000);
    throw broken;
  },
  "a stream that errors": () =>
    new ReadableStream({ pull: (controller) => (controller.enqueue(content(700)), controller.error(broken)) }),
  "an iterator that throws where it should reject": () => ({
    [Symbol.asyncIterator]: () => ({
      next() {
        throw broken;
      },
    }),
  }),
  "a source that cannot begin": () => ({
    [Symbol.asyncIterator]() {
      throw broken;
    },
  }),
};

for (const [what, source] of Object.entries(throwing)) {
  test(`${what}: source_failed, with what it threw as the cause`, () =>
    leavesNothing(async (sync) => {
      const error = await rejects(sync.attach(source(), { messageId: message }), "source_failed");
      assert.is(error.cause, broken);
    }));
}

test("a stream that somebody else reads: source_failed", () =>
  leavesNothing(async (sync) => {
    const stream = new Blob([content(1000)]).stream();
    stream.getReader();
    const error = await rejects(sync.attach(stream, { messageId: message }), "source_failed");
    assert.instance(error.cause, TypeError);
  }));

test("chunks that are no bytes: source_failed, and the source is let go", () =>
  leavesNothing(async (sync) => {
    let isLetGo = false;
    const texts = (async function* () {
      try {
        yield "text" as unknown as Uint8Array;
      } finally {
        isLetGo = true;
      }
    })();
    await rejects(sync.attach(texts, { messageId: message }), "source_failed", "Uint8Array");
    await pause(1);
    assert.ok(isLetGo);
  }));

test("fewer or more bytes than were announced, of every kind of source", () =>
  leavesNothing(async (sync) => {
    const bytes = content(5000);
    const sources = (): AttachmentSource[] => [bytes, new Blob([bytes]), new Blob([bytes]).stream()];
    const attach = (source: AttachmentSource, fileBytes: number): Promise<unknown> =>
      sync.attach(source, { messageId: message, fileBytes });
    for (const source of sources()) await rejects(attach(source, 5001), "source_ended_early", "5000 of 5001");
    for (const source of sources()) await rejects(attach(source, 4999), "source_too_long", "4999");
    for (const source of sources()) await rejects(attach(source, 0), "source_too_long");
    await rejects(attach(new Uint8Array(0), 1), "source_ended_early");
  }));

test("a file of more than 2^32 slices is refused before a byte is read", () =>
  leavesNothing(async (sync) => {
    let isRead = false;
    const source = {
      async *[Symbol.asyncIterator]() {
        isRead = true;
        yield content(1);
      },
    };
    const fileBytes = sliceCountMax * sliceBytes + 1;
    await rejects(sync.attach(source, { messageId: message, fileBytes }), "file_too_large");
    class Huge extends Blob {
      override get size(): number {
        return fileBytes;
      }
    }
    await rejects(sync.attach(new Huge(), { messageId: message }), "file_too_large");
    assert.not.ok(isRead);
  }));

test("aborted before, in the middle of bytes that come and of bytes that never come: the signal's reason", () =>
  leavesNothing(async (sync, store) => {
    const reason = new Error("the user changed her mind");
    const fails = async (attaching: Promise<unknown>): Promise<void> => {
      try {
        await attaching;
      } catch (thrown) {
        assert.is(thrown, reason);
        return;
      }
      assert.unreachable();
    };
    await fails(sync.attach(content(9), { messageId: message, signal: AbortSignal.abort(reason) }));

    const coming = new AbortController();
    const onProgress: AttachOptions["onProgress"] = ({ bytesDone }) => {
      if (bytesDone > 500_000) coming.abort(reason);
    };
    await fails(sync.attach(endless(), { messageId: message, signal: coming.signal, onProgress }));

    const whole = new AbortController();
    const abortLate: AttachOptions["onProgress"] = () => whole.abort(reason);
    await fails(sync.attach(content(9), { messageId: message, signal: whole.signal, onProgress: abortLate }));

    let cancelledWith: unknown;
    const never = new ReadableStream<Uint8Array>({ cancel: () => void (cancelledWith = "cancelled") });
    const silent = new AbortController();
    const attaching = sync.attach(never, { messageId: message, signal: silent.signal });
    await pause(5);
    assert.is(partsIn(store.files()).length, 1, "it had begun");
    silent.abort(reason);
    await fails(attaching);
    await pause(1);
    assert.is(cancelledWith, "cancelled", "a stream that waits is told that nobody wants it any more");
  }));

test("a signal without a reason of its own: AbortError and TimeoutError as everywhere", () =>
  leavesNothing(async (sync) => {
    const nameOf = (signal: AbortSignal): Promise<string> =>
      sync.attach(endless(), { messageId: message, signal }).then(
        () => "none",
        (thrown: Error) => thrown.name,
      );
    assert.is(await nameOf(AbortSignal.abort()), "AbortError");
    assert.is(await nameOf(AbortSignal.timeout(10)), "TimeoutError");
  }));

test("onProgress that throws ends it with what was thrown", () =>
  leavesNothing(async (sync) => {
    const onProgress = (): void => {
      throw broken;
    };
    try {
      await sync.attach(content(9), { messageId: message, onProgress });
      assert.unreachable();
    } catch (thrown) {
      assert.is(thrown, broken);
    }
  }));

test("closed while it runs: closed, the store is free, and nothing is left when it is opened again", () =>
  inCircle(["anna"], async (circle) => {
    const sync = await circle.open("anna");
    const attaching = [
      sync.attach(endless(), { messageId: message }),
      sync.attach(new ReadableStream(), { messageId: message }),
    ];
    const failures = Promise.all(attaching.map((each) => rejects(each, "closed")));
    await pause(20);
    await sync.close();
    await failures;
    const again = await circle.open("anna");
    assert.equal(partsIn(circle.storageOf("anna").files()), []);
    assert.equal(again.attachments(), []);
  }));

const failing: readonly ErrorCode[] = ["storage_full", "storage_failed"];

for (const code of failing) {
  test(`${code} at every call that the store can fail: told by that name, nothing is left, the next attach works`, async () => {
    let call = 0;
    for (let isThrough = false; !isThrough && call < 200; ) {
      const disk = faultyStorage(seededRandom(call));
      isThrough = await attachFailingAt(disk, ++call, code as "storage_full");
    }
    assert.ok(call > 8 && call < 200, `${call} calls were made to fail`);
  });
}

/** True when the attach made fewer calls than that. */
async function attachFailingAt(
  disk: FaultyStorage,
  call: number,
  code: "storage_full" | "storage_failed",
): Promise<boolean> {
  let isThrough = false;
  await inCircle(["anna"], async (circle) => {
    const store = watchedProvider(disk);
    const sync = await circle.open("anna", { storage: store });
    disk.setPlan({ failure: { call, code, lasting: false } });
    const bytes = content(200_000);
    const attached = await sync
      .attach(bytes, { messageId: message, name: "a" })
      .catch((thrown: { code: string }) => thrown);
    disk.setPlan({});
    isThrough = "fileId" in attached;
    if (!isThrough) {
      assert.is((attached as { code: string }).code, code, `call ${call}`);
      assert.equal(sync.attachments(), [], `call ${call}`);
      assert.equal(partsIn(store.files()), [], `call ${call}`);
    }
    const { fileId } = await sync.attach(bytes, { messageId: message, name: "b" });
    await sync.close();
    const again = await circle.open("anna", { storage: store });
    assert.is(again.attachments().length, isThrough ? 2 : 1, `call ${call}, opened again`);
    assert.equal(await bytesOf(again.read(fileId)), bytes);
  });
  return isThrough;
}

test.run();
