/**
 * What a storage driver has to do, as tests: a driver is what passes them. For drivers of ours and of apps, with any test
 * framework that has a `test(name, work)`: a test fails by throwing.
 *
 *     storageConformance({ test, makeProvider: () => memoryStorage() });
 *
 * Why so long: it is one list of short cases, and an app that runs it wants one file to read.
 */
import type { Storage, StorageFile, StorageProvider } from "../base/storage.ts";

export interface StorageConformance {
  readonly test: (name: string, work: () => Promise<void>) => void;
  /** A new, empty storage each time. */
  readonly makeProvider: () => StorageProvider | Promise<StorageProvider>;
}

type Case = (storage: Storage, provider: StorageProvider) => Promise<void> | void;

/** Larger than the pieces of any driver and not a multiple of any, so that borders are crossed unevenly. */
const bigBytes = 1_000_003;
/** As many slices files as an app may serve at once. */
const openFilesCount = 200;

export function storageConformance({ test, makeProvider }: StorageConformance): void {
  const groups: Readonly<Record<string, Case>>[] = [contentCases, nameCases, lifeCases];
  for (const cases of groups) {
    for (const [name, run] of Object.entries(cases)) {
      test(name, async () => {
        const provider = await makeProvider();
        const storage = await provider.open();
        await run(storage, provider);
      });
    }
  }
}

const contentCases: Readonly<Record<string, Case>> = {
  "a new file is empty": (storage) => {
    const file = create(storage, "events.log");
    equal(file.size(), 0, "size");
    equal(file.readAt(new Uint8Array(8), 0), 0, "bytes read from an empty file");
    end(storage, file);
  },
  "what is written is read, also in the middle": (storage) => {
    const file = create(storage, "events.log");
    file.writeAt(bytesOf(1, 2, 3, 4, 5), 0);
    file.writeAt(bytesOf(9, 9), 1);
    sameBytes(readAll(file), bytesOf(1, 9, 9, 4, 5));
    equal(file.size(), 5, "size");
    end(storage, file);
  },
  "the bytes are copied: what the caller does with them later changes nothing": (storage) => {
    const file = create(storage, "events.log");
    const source = bytesOf(1, 2, 3);
    file.writeAt(source, 0);
    source.fill(7);
    sameBytes(readAll(file), bytesOf(1, 2, 3));
    end(storage, file);
  },
  "a part of a larger buffer is written and read as that part": (storage) => {
    const file = create(storage, "events.log");
    file.writeAt(bytesOf(0, 1, 2, 3, 0).subarray(1, 4), 0);
    const target = new Uint8Array(5);
    equal(file.readAt(target.subarray(1, 4), 0), 3, "bytes read");
    sameBytes(target, bytesOf(0, 1, 2, 3, 0));
    end(storage, file);
  },
  "a read at the end is short and leaves the rest of the target alone": (storage) => {
    const file = create(storage, "events.log");
    file.writeAt(bytesOf(1, 2, 3), 0);
    const target = bytesOf(7, 7, 7, 7);
    equal(file.readAt(target, 1), 2, "bytes read");
    sameBytes(target, bytesOf(2, 3, 7, 7));
    equal(file.readAt(target, 3), 0, "bytes read at the end");
    equal(file.readAt(target, 4_000), 0, "bytes read beyond the end");
    end(storage, file);
  },
  "a write of nothing changes nothing, wherever it is": (storage) => {
    const file = create(storage, "events.log");
    file.writeAt(new Uint8Array(0), 100);
    equal(file.size(), 0, "size");
    end(storage, file);
  },
  "a gap reads as zeros": (storage) => {
    const file = create(storage, "slices/a");
    const position = 5_000_000;
    file.writeAt(bytesOf(1), position);
    equal(file.size(), position + 1, "size");
    const target = bytesOf(7, 7, 7);
    equal(file.readAt(target, position - 2), 3, "bytes read");
    sameBytes(target, bytesOf(0, 0, 1));
    file.writeAt(bytesOf(2), 0);
    equal(file.readAt(target, 0), 3, "bytes read");
    sameBytes(target, bytesOf(2, 0, 0));
    end(storage, file);
  },
  "a position beyond 4 GB is itself, not its remainder": (storage) => {
    const file = create(storage, "slices/a");
    const position = 2 ** 32 + 10;
    file.writeAt(bytesOf(1, 2), position);
    equal(file.size(), position + 2, "size");
    const target = new Uint8Array(2);
    equal(file.readAt(target, 10), 2, "bytes read");
    sameBytes(target, bytesOf(0, 0));
    equal(file.readAt(target, position), 2, "bytes read");
    sameBytes(target, bytesOf(1, 2));
    file.truncate(0);
    end(storage, file);
  },
  "many uneven writes make one big file": (storage) => {
    const file = create(storage, "slices/a");
    const source = pattern(bigBytes);
    const stepBytes = 46_600 - 1;
    for (let at = 0; at < source.length; at += stepBytes) file.writeAt(source.subarray(at, at + stepBytes), at);
    sameBytes(readAll(file), source);
    const middle = new Uint8Array(300_000);
    equal(file.readAt(middle, 123_457), middle.length, "bytes read");
    sameBytes(middle, source.subarray(123_457, 123_457 + middle.length));
    end(storage, file);
  },
  "cut off and made longer again, the end is zeros": (storage) => {
    const file = create(storage, "events.log");
    file.writeAt(pattern(100_000), 0);
    file.truncate(3);
    equal(file.size(), 3, "size");
    file.truncate(50_000);
    equal(file.size(), 50_000, "size");
    const all = readAll(file);
    sameBytes(all.subarray(0, 3), pattern(3));
    sameBytes(all.subarray(3), new Uint8Array(49_997));
    end(storage, file);
  },
};

const nameCases: Readonly<Record<string, Case>> = {
  "an absent file is not opened, and looking does not make it": (storage) => {
    equal(storage.open("events.log", { create: false }), undefined, "an absent file");
    equal(storage.open("slices/a", { create: false }), undefined, "an absent file in an absent folder");
    sameNames(storage.list(""), []);
    storage.close();
  },
  "opened again it is the same file": (storage) => {
    const file = create(storage, "slices/a");
    file.writeAt(bytesOf(1, 2), 0);
    file.close();
    const again = create(storage, "slices/a");
    sameBytes(readAll(again), bytesOf(1, 2));
    end(storage, again);
  },
  "names are listed by the beginning of their whole path": (storage) => {
    for (const name of ["events.log", "format", "slices/aa", "slices/ab", "slices-old/x"])
      create(storage, name).close();
    sameNames(storage.list(""), ["events.log", "format", "slices-old/x", "slices/aa", "slices/ab"]);
    sameNames(storage.list("slices"), ["slices-old/x", "slices/aa", "slices/ab"]);
    sameNames(storage.list("slices/"), ["slices/aa", "slices/ab"]);
    sameNames(storage.list("slices/ab"), ["slices/ab"]);
    sameNames(storage.list("none/"), []);
    storage.close();
  },
  "a removed file is gone, and removing it again is nothing": (storage) => {
    const file = create(storage, "slices/a");
    file.writeAt(bytesOf(1), 0);
    file.close();
    storage.remove("slices/a");
    storage.remove("slices/a");
    equal(storage.open("slices/a", { create: false }), undefined, "the removed file");
    const again = create(storage, "slices/a");
    equal(again.size(), 0, "size when made anew");
    end(storage, again);
  },
  "a renamed file replaces the one that had the name": (storage) => {
    write(storage, "new/cache", bytesOf(1, 2, 3));
    write(storage, "cache", bytesOf(9));
    storage.rename("new/cache", "cache");
    sameNames(storage.list(""), ["cache"]);
    const file = create(storage, "cache");
    sameBytes(readAll(file), bytesOf(1, 2, 3));
    end(storage, file);
  },
  "a file is renamed into a folder that was not there": (storage) => {
    write(storage, "a", bytesOf(1));
    storage.rename("a", "slices/deeper/a");
    sameNames(storage.list(""), ["slices/deeper/a"]);
    storage.close();
  },
  "many files are open at once, each with its own bytes": (storage) => {
    const files = Array.from({ length: openFilesCount }, (_, i) => create(storage, `slices/${i}`));
    files.forEach((file, i) => file.writeAt(bytesOf(i & 0xff), i));
    files.forEach((file, i) => {
      equal(file.size(), i + 1, "size");
      const target = new Uint8Array(1);
      file.readAt(target, i);
      equal(target[0], i & 0xff, "byte");
      file.close();
    });
    storage.close();
  },
  "a name that is no name is a defect of the caller": (storage) => {
    for (const name of [
      "",
      "..",
      "../x",
      "a/../b",
      "/a",
      "a//b",
      "a/",
      "A",
      "a b",
      "a\\b",
      "a\0",
      ".a",
      "lock",
      "lock.x",
    ]) {
      throws(() => storage.open(name, { create: true }), `opening ${JSON.stringify(name)}`);
      throws(() => storage.remove(name), `removing ${JSON.stringify(name)}`);
      throws(() => storage.rename("a", name), `renaming to ${JSON.stringify(name)}`);
    }
    sameNames(storage.list(""), []);
    storage.close();
  },
};

const lifeCases: Readonly<Record<string, Case>> = {
  "closed and opened again, everything is there": async (storage, provider) => {
    write(storage, "slices/a", pattern(70_000));
    write(storage, "b", bytesOf(1));
    write(storage, "c", bytesOf(2));
    storage.rename("c", "d");
    storage.remove("b");
    await storage.flushNames();
    storage.close();
    const again = await provider.open();
    sameNames(again.list(""), ["d", "slices/a"]);
    const file = create(again, "slices/a");
    sameBytes(readAll(file), pattern(70_000));
    end(again, file);
  },
  "a second opening is refused with storage_locked until the first is closed": async (storage, provider) => {
    for (let attempt = 0; attempt < 2; attempt++) equal(await codeOfOpening(provider), "storage_locked", "code");
    storage.close();
    (await provider.open()).close();
  },
  "flushes resolve, also many at once and while writes go on": async (storage) => {
    const file = create(storage, "events.log");
    const flushes: Promise<void>[] = [];
    for (let i = 0; i < 20; i++) {
      file.writeAt(pattern(1_000), i * 1_000);
      flushes.push(file.flush(), storage.flushNames());
    }
    await Promise.all(flushes);
    await file.flush();
    equal(file.size(), 20_000, "size");
    end(storage, file);
  },
  "a file is closed while its flush runs": async (storage) => {
    const file = create(storage, "events.log");
    file.writeAt(pattern(1_000), 0);
    const flush = file.flush();
    file.close();
    await flush;
    storage.close();
  },
  "a file is opened once at a time, and not renamed or removed while it is": (storage) => {
    const file = create(storage, "a");
    throws(() => storage.open("a", { create: false }), "opening it twice");
    throws(() => storage.remove("a"), "removing it");
    throws(() => storage.rename("a", "b"), "renaming it");
    throws(() => storage.rename("b", "a"), "renaming over it");
    throws(() => storage.close(), "closing the storage");
    end(storage, file);
  },
  "a closed handle is not used": (storage) => {
    const file = create(storage, "a");
    file.close();
    throws(() => file.size(), "size");
    throws(() => file.readAt(new Uint8Array(1), 0), "readAt");
    throws(() => file.writeAt(bytesOf(1), 0), "writeAt");
    throws(() => file.close(), "close");
    storage.close();
  },
};

function create(storage: Storage, name: string): StorageFile {
  const file = storage.open(name, { create: true });
  if (file === undefined) throw new Error(`${name} was not made`);
  return file;
}

function write(storage: Storage, name: string, bytes: Uint8Array): void {
  const file = create(storage, name);
  file.writeAt(bytes, 0);
  file.close();
}

function end(storage: Storage, file: StorageFile): void {
  file.close();
  storage.close();
}

function readAll(file: StorageFile): Uint8Array {
  const bytes = new Uint8Array(file.size());
  equal(file.readAt(bytes, 0), bytes.length, "bytes read of the whole file");
  return bytes;
}

const bytesOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** A run whose period no piece of a driver shares, so that a piece in the wrong place shows. */
function pattern(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i % 251) + (i % 7));
}

async function codeOfOpening(provider: StorageProvider): Promise<unknown> {
  try {
    await provider.open();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "opened";
}

function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, was ${String(actual)}`);
}

function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  equal(actual.length, expected.length, "length");
  for (let i = 0; i < actual.length; i++) equal(actual[i], expected[i], `byte ${i}`);
}

function sameNames(actual: readonly string[], expected: readonly string[]): void {
  equal(JSON.stringify([...actual].sort()), JSON.stringify([...expected].sort()), "names");
}

function throws(call: () => unknown, what: string): void {
  try {
    call();
  } catch {
    return;
  }
  throw new Error(`${what} was not refused`);
}
