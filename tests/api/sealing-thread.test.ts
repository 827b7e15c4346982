/** A second thread that seals: the same bytes as without, whatever becomes of it, and nothing of it stays. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unwrap } from "../../core/base/result.ts";
import { fileShape, sealedBytesOf, sliceCountOf } from "../../core/base/sizes.ts";
import type { StorageProvider } from "../../core/base/storage.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { batchOf, sealingMemory, type SealingMemory } from "../../core/api/sealing-memory.ts";
import { SealingThread, startSealingThread } from "../../core/api/sealing-thread.ts";
import { FileSyncError } from "../../core/errors.ts";
import { FileSealer, type SealedFile } from "../../core/file/sealer.ts";
import { sealingSlots, sealingThreadFileBytesMin, sourcePieceBytes } from "../../core/limits.ts";
import { memoryStorage, type AttachmentSource, type FileSync } from "../../core/index.ts";
import { contentOf } from "../file/content.ts";
import { counting } from "../vectors/event-cases.ts";
import { bytesOf, inCircle, message, partsIn, pause, rejects, until, watchedProvider } from "./circle.ts";

const test = suite("api: sealing thread");

const keys = { fileKey: counting(0x20, 32), noncePrefix: counting(0x60, 20) };
const megabytes20 = 20 * 1024 * 1024;

/** What became of a thread that the library started. */
interface Started {
  readonly worker: Worker;
  readonly memory: SealingMemory;
  isReady: boolean;
  hasExited: boolean;
  tasks: number;
}
const started: Started[] = [];

const tsxUrl = import.meta.resolve("tsx/esm/api");
/** A thread of Node 20 does not inherit the loader of TypeScript. */
const bootOf = (file: string): string =>
  `import(${JSON.stringify(tsxUrl)}).then((tsx) => (tsx.register(), import(${JSON.stringify(file)})))`;

function watch(worker: Worker, memory: SealingMemory): Started {
  const each: Started = { worker, memory, isReady: false, hasExited: false, tasks: 0 };
  started.push(each);
  worker.on("message", (said) => (each.isReady ||= said === "ready"));
  worker.on("exit", () => (each.hasExited = true));
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (...task: Parameters<typeof post>) => (each.tasks++, post(...task));
  return each;
}

class TypeScriptWorker extends Worker {
  constructor(file: URL, options: WorkerOptions) {
    super(bootOf(file.href), { ...options, eval: true, execArgv: [] });
    watch(this, options.workerData as SealingMemory);
  }
}

const getBuiltin = process.getBuiltinModule;
test.before(async () => {
  await cryptoReady();
  const others: Record<string, unknown> = {
    "node:worker_threads": { Worker: TypeScriptWorker },
    "node:os": { availableParallelism: () => 2 },
  };
  process.getBuiltinModule = (name: string) => others[name] ?? getBuiltin(name);
});
test.after(() => {
  process.getBuiltinModule = getBuiltin;
});
test.before.each(() => {
  started.length = 0;
});
test.after.each(async () => {
  await until("no thread is left", () => started.every(({ hasExited }) => hasExited));
  const next = startSealingThread(keys, sealingThreadFileBytesMin);
  assert.ok(next !== undefined, "the next file gets a thread");
  next.close();
});

interface Sealed {
  readonly file: SealedFile;
  readonly bytes: Uint8Array;
}

/** Piece by piece, and the event loop turns in between. */
async function seal(plain: Uint8Array, helper?: SealingThread): Promise<Sealed> {
  const bytes = new Uint8Array(sealedBytesOf(sliceCountOf(plain.length)));
  const target = { writeAt: (from: Uint8Array, at: number) => bytes.set(from, at), readAt: () => 0 };
  const sealer = new FileSealer({ target, ...keys, fileBytes: plain.length, helper });
  for (let at = 0; at < plain.length; at += sourcePieceBytes) {
    unwrap(sealer.push(plain.subarray(at, at + sourcePieceBytes)));
    if (helper !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
  let isSettled = false;
  sealer.settle(() => (isSettled = true));
  await until("the sealer is settled", () => isSettled);
  return { file: unwrap(sealer.finish()), bytes };
}

function assertSame(one: Sealed, other: Sealed): void {
  assert.equal(one.file, other.file);
  assert.ok(Buffer.compare(one.bytes, other.bytes) === 0, "the same sealed bytes");
}

for (const fileBytes of [sealingThreadFileBytesMin, sealingThreadFileBytesMin + 1, 17_777_777]) {
  test(`${fileBytes} bytes on two threads: the same id, leaves, root and sealed bytes as on one`, async () => {
    const plain = contentOf(fileBytes);
    const thread = startSealingThread(keys, fileBytes) as SealingThread;
    try {
      await until("the thread is ready", () => started[0]?.isReady === true);
      assertSame(await seal(plain, thread), await seal(plain));
      assert.ok((started[0]?.tasks ?? 0) > 5, `it took ${started[0]?.tasks} batches`);
    } finally {
      thread.close();
    }
  });
}

const dying: Readonly<Record<string, string>> = {
  "exits at its first task": `port.postMessage("ready"); port.on("message", () => process.exit(0));`,
  "throws at its first task": `port.postMessage("ready"); port.on("message", () => { throw new Error("thread") });`,
  "scribbles over what it should seal and exits": `port.postMessage("ready");
    port.on("message", ({ slot }) => { new Uint8Array(memory.slots[slot]).fill(7, memory.slicesPerBatch * 450); process.exit(1); });`,
  "throws before it is ready": `throw new Error("thread")`,
  "rejects before it is ready": `Promise.reject(new Error("thread"))`,
  "exits before it is ready": `process.exit(3)`,
  "never becomes ready": `port.on("message", () => {})`,
  "answers to nothing, twice ready": `for (const each of ["ready", 0, 2, 99, "ready"]) port.postMessage(each);
    port.on("message", () => process.exit(0));`,
};

/** A thread for a file that would get none, with code of its own. */
function threadOf(code: string, fileBytes: number): Started & { thread: SealingThread } {
  const { slicesPerWindow } = fileShape(sliceCountOf(fileBytes));
  const memory = sealingMemory(keys, { slicesPerWindow, slicesPerBatch: 2 * slicesPerWindow }, sealingSlots);
  const before = `const { parentPort: port, workerData: memory } = require("node:worker_threads");`;
  const worker = new Worker(before + code, { eval: true, execArgv: [], workerData: memory });
  return Object.assign(watch(worker, memory), { thread: new SealingThread(worker, memory) });
}

for (const [what, code] of Object.entries(dying)) {
  test(`a thread that ${what}: the same result, and the next file gets a thread`, async () => {
    const plain = contentOf(1_500_001);
    const own = threadOf(code, plain.length);
    const { thread, worker } = own;
    let isOnline = false;
    worker.once("online", () => (isOnline = true));
    await until("it runs", () => isOnline || own.hasExited);
    await pause(20);
    assertSame(await seal(plain, thread), await seal(plain));
    thread.close();
  });
}

test("closed with batches on their way: none is told, all that it could read is wiped, a second close does nothing", async () => {
  const own = threadOf(
    `port.postMessage("ready"); port.on("message", (task) => port.postMessage(task.slot));`,
    1_500_001,
  );
  const { thread, memory } = own;
  await until("it is ready", () => own.isReady);
  const slices = thread.slicesPerBatch;
  const offer = (): boolean =>
    thread.offer({ plain: contentOf(slices * 450), firstSlice: 0, slices, done: () => assert.unreachable() });
  assert.equal([offer(), offer(), offer(), offer()], [true, true, true, false], "as many as there are slots");
  thread.close();
  thread.close();
  assert.not.ok(offer(), "nothing is taken any more");
  await until("it is gone", () => own.hasExited);
  await pause(5);
  assertWiped(memory);
});

function assertWiped(memory: SealingMemory): void {
  assert.ok(
    new Uint8Array(memory.secrets).every((byte) => byte === 0),
    "no key is left",
  );
  memory.slots.forEach((_, slot) => {
    const { plain } = batchOf(memory, { slot, firstSlice: 0, slices: memory.slicesPerBatch });
    assert.is(Buffer.compare(plain, new Uint8Array(plain.length)), 0, "no plaintext is left");
  });
}

type Story = (sync: FileSync, store: ReturnType<typeof watchedProvider>) => Promise<void>;
const alone = (story: Story, storage: StorageProvider = memoryStorage()): Promise<void> =>
  inCircle(["anna"], async (circle) => {
    const store = watchedProvider(storage);
    await story(await circle.open("anna", { storage: store }), store);
  });

/** Waits at the beginning until the newest thread is ready. */
async function* patient(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await until("the thread is ready", () => started.at(-1)?.isReady === true);
  for (let at = 0; at < bytes.length; at += sourcePieceBytes) yield bytes.subarray(at, at + sourcePieceBytes);
}

async function assertAttached(sync: FileSync, source: AttachmentSource, bytes: Uint8Array): Promise<void> {
  const { fileId } = await sync.attach(source, { messageId: message, fileBytes: bytes.length });
  assert.is(Buffer.compare(await bytesOf(sync.read(fileId)), bytes), 0, "read back as it was");
}

test("20 MiB attached, from memory and from a source: read back as they were, no thread and no key is left", () =>
  alone(async (sync) => {
    const bytes = contentOf(megabytes20);
    await assertAttached(sync, bytes, bytes);
    await assertAttached(sync, patient(bytes), bytes);
    assert.is(started.length, 2);
    assert.ok((started[1]?.tasks ?? 0) > 5, "the thread did some of it");
    for (const { memory } of started) assertWiped(memory);
  }));

test("two at once: one has the thread, both are right", () =>
  alone(async (sync) => {
    const bytes = contentOf(sealingThreadFileBytesMin);
    const other = contentOf(sealingThreadFileBytesMin + 7, 2);
    await Promise.all([assertAttached(sync, patient(bytes), bytes), assertAttached(sync, patient(other), other)]);
    assert.is(started.length, 1);
  }));

test("smaller than the limit, or of unknown length: no thread", () =>
  alone(async (sync) => {
    await assertAttached(sync, contentOf(1_000_000), contentOf(1_000_000));
    await sync.attach(new Blob([new Uint8Array(sealingThreadFileBytesMin)]).stream(), { messageId: message });
    assert.is(startSealingThread(keys, sealingThreadFileBytesMin - 1), undefined);
    assert.is(startSealingThread(keys, 2 ** 32 * 450), undefined, "its windows are too long");
    assert.is(started.length, 0);
  }));

test("no space for a batch that came back: storage_full, nothing is left, and the next attach has a thread", () => {
  let isFull = true;
  const inner = memoryStorage();
  const storage: StorageProvider = {
    durability: inner.durability,
    async open() {
      const opened = await inner.open();
      const open = opened.open.bind(opened);
      opened.open = (name, options) => {
        const file = open(name, options);
        if (file === undefined) return undefined;
        const write = file.writeAt.bind(file);
        file.writeAt = (source, position) => {
          if (isFull && source.buffer instanceof SharedArrayBuffer) throw new FileSyncError("storage_full");
          return write(source, position);
        };
        return file;
      };
      return opened;
    },
  };
  return alone(async (sync, store) => {
    const bytes = contentOf(megabytes20);
    await rejects(sync.attach(patient(bytes), { messageId: message, fileBytes: bytes.length }), "storage_full");
    assert.equal(partsIn(store.files()), []);
    assert.equal(sync.attachments(), []);
    isFull = false;
    await assertAttached(sync, patient(bytes), bytes);
    assert.is(started.length, 2);
    assert.ok((started[1]?.tasks ?? 0) > 5);
  }, storage);
});

test("aborted in the middle: the reason, nothing is left, the thread and its keys are gone", () =>
  alone(async (sync, store) => {
    const bytes = contentOf(megabytes20);
    const reason = new Error("the user changed her mind");
    const abort = new AbortController();
    const onProgress = ({ bytesDone }: { bytesDone: number }): void => {
      if (bytesDone > megabytes20 / 2) abort.abort(reason);
    };
    const options = { messageId: message, fileBytes: bytes.length, signal: abort.signal, onProgress };
    const attaching = sync.attach(patient(bytes), options);
    assert.is(await attaching.catch((thrown: unknown) => thrown), reason);
    assert.equal(partsIn(store.files()), []);
    await until("the thread is gone", () => started[0]?.hasExited === true);
    assertWiped((started[0] as Started).memory);
  }));

test("where memory cannot be shared, as on most web pages: attached all the same", () =>
  alone(async (sync) => {
    const { SharedArrayBuffer } = globalThis;
    Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
    try {
      await sync.attach(contentOf(sealingThreadFileBytesMin), { messageId: message });
    } finally {
      globalThis.SharedArrayBuffer = SharedArrayBuffer;
    }
  }));

test.run();
