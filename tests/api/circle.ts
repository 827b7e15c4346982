/**
 * A circle of devices that share a group, joined by a network in memory: what most tests of the public face play on.
 * Everything in it is real but the network; time is real too unless a clock is handed in.
 */
import * as assert from "uvu/assert";
import type { Clock } from "../../core/base/clock.ts";
import { seededRandom, systemRandom } from "../../core/base/random.ts";
import type { Storage, StorageFile, StorageProvider } from "../../core/base/storage.ts";
import {
  createGroupKey,
  createIdentityKeys,
  FileSyncError,
  memoryStorage,
  openFileSync,
  peerIdOf,
  type ErrorCode,
  type FileId,
  type FileSync,
  type GroupOptions,
  type IdentityKeys,
  type OpenOptions,
  type PeerId,
} from "../../core/index.ts";
import { memoryNetwork, type MemoryNetwork, type MemoryNetworkOptions } from "../../core/transport/memory.ts";
import { systemClock } from "../../core/transport/system-clock.ts";
import { virtualClock, type VirtualClock } from "../support/virtual-clock.ts";

export const message = "0123456789abcdef0123456789abcdef";
export const unknownFile = "ff".repeat(16);

export interface Circle {
  readonly clock: Clock;
  readonly network: MemoryNetwork;
  readonly group: GroupOptions;
  keysOf(name: string): IdentityKeys;
  peerId(name: string): PeerId;
  /** The disk of that device, made when it is asked for first. */
  storageOf(name: string): WatchedProvider;
  open(name: string, options?: Partial<OpenOptions>): Promise<FileSync>;
  /** Closes everything that was opened. */
  end(): Promise<void>;
}

export interface CircleOptions {
  readonly clock?: Clock;
  readonly line?: MemoryNetworkOptions;
}

/** Every device dials those that are named after it. */
export async function circleOf(names: readonly string[], options: CircleOptions = {}): Promise<Circle> {
  const { clock = systemClock(), line = {} } = options;
  const network = memoryNetwork(clock, seededRandom(7), line);
  const keys = new Map<string, IdentityKeys>();
  for (const name of names) keys.set(name, await createIdentityKeys());
  names.forEach((from, i) => names.slice(i + 1).forEach((to) => network.connect(from, to)));
  const storages = new Map<string, WatchedProvider>();
  const opened: FileSync[] = [];
  const keysOf = (name: string): IdentityKeys => keys.get(name) as IdentityKeys;
  const circle: Circle = {
    clock,
    network,
    group: { name: "circle", members: [...keys.values()].map((each) => peerIdOf(each)), keys: [createGroupKey()] },
    keysOf,
    peerId: (name) => peerIdOf(keysOf(name)),
    storageOf(name) {
      const known = storages.get(name) ?? watchedProvider(memoryStorage());
      storages.set(name, known);
      return known;
    },
    async open(name, more = {}) {
      const sync = await openFileSync({
        storage: circle.storageOf(name),
        identity: keysOf(name),
        group: circle.group,
        transport: network.transport(name),
        clock,
        ...more,
      });
      opened.push(sync);
      return sync;
    },
    async end() {
      await Promise.all(opened.map((sync) => sync.close().catch(() => undefined)));
    },
  };
  return circle;
}

/** Runs a story in a circle of its own and closes what it leaves open. */
export async function inCircle(
  names: readonly string[],
  story: (circle: Circle) => Promise<void>,
  options: CircleOptions = {},
): Promise<void> {
  const circle = await circleOf(names, options);
  try {
    await story(circle);
  } finally {
    const ending = circle.end();
    // Goodbyes take time, and virtual time passes only when it is told to.
    const { clock } = options;
    await (clock !== undefined && "pass" in clock ? passWhile(clock as VirtualClock, ending) : ending);
  }
}

export interface WatchedProvider extends StorageProvider {
  /** Names of the files that are there now, sorted. */
  files(): string[];
  /** What is in a file now. */
  bytes(name: string): Uint8Array;
  /** How often it was read from since the store was opened. */
  readCount(name: string): number;
  /** Changes a byte of a file that is open or not, as a disk that goes bad would. */
  flipByte(name: string, position: number): void;
}

/** Looks into a store, and meddles with it, while it is open. */
export function watchedProvider(provider: StorageProvider): WatchedProvider {
  let inner: Storage | undefined;
  const handles = new Map<string, StorageFile>();
  const reads = new Map<string, number>();
  const withFile = <T>(name: string, use: (file: StorageFile) => T): T => {
    const held = handles.get(name);
    const file = held ?? inner?.open(name, { create: false });
    assert.ok(file !== undefined, `${name} is there`);
    try {
      return use(file);
    } finally {
      if (held === undefined) file.close();
    }
  };
  const watched = (name: string, file: StorageFile): StorageFile => ({
    size: () => file.size(),
    readAt(target, position) {
      reads.set(name, (reads.get(name) ?? 0) + 1);
      return file.readAt(target, position);
    },
    writeAt: (source, position) => file.writeAt(source, position),
    truncate: (size) => file.truncate(size),
    flush: () => file.flush(),
    close() {
      handles.delete(name);
      file.close();
    },
  });
  return {
    durability: provider.durability,
    async open() {
      const storage = await provider.open();
      inner = storage;
      handles.clear();
      reads.clear();
      return {
        open(name, options) {
          const file = storage.open(name, options);
          if (file === undefined) return undefined;
          handles.set(name, file);
          return watched(name, file);
        },
        list: (prefix) => storage.list(prefix),
        remove: (name) => storage.remove(name),
        rename: (from, to) => storage.rename(from, to),
        flushNames: () => storage.flushNames(),
        close: () => storage.close(),
      };
    },
    files: () => (inner?.list("") ?? []).sort(),
    bytes: (name) =>
      withFile(name, (file) => {
        const bytes = new Uint8Array(file.size());
        file.readAt(bytes, 0);
        return bytes;
      }),
    readCount: (name) => reads.get(name) ?? 0,
    flipByte: (name, position) =>
      withFile(name, (file) => {
        const byte = new Uint8Array(1);
        assert.is(file.readAt(byte, position), 1, "there is such a byte");
        file.writeAt(
          byte.map((value) => value ^ 1),
          position,
        );
      }),
  };
}

/** What an app's users attach: nothing that repeats. */
export const content = (bytes: number): Uint8Array<ArrayBuffer> =>
  systemRandom().bytes(bytes) as Uint8Array<ArrayBuffer>;

export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

/** What an attach that failed must leave: none of these. */
export const partsIn = (files: readonly string[]): string[] => files.filter((name) => name.includes("/"));

export async function until(what: string, isSo: () => boolean, withinMs = 8000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > endMs) assert.unreachable(`in ${withinMs} ms it did not come to be that ${what}`);
    await pause(3);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Fails unless the promise, or the function at once, gives a FileSyncError of this code; returns it. */
export async function rejects(
  what: Promise<unknown> | (() => unknown),
  code: ErrorCode,
  detail = "",
): Promise<FileSyncError> {
  try {
    await (typeof what === "function" ? what() : what);
  } catch (thrown) {
    assert.instance(thrown, FileSyncError, `a FileSyncError, not ${String(thrown)}`);
    const error = thrown as FileSyncError;
    assert.is(error.code, code, error.stack);
    assert.ok(error.message.includes(detail), `"${error.message}" names ${detail}`);
    return error;
  }
  return assert.unreachable(`${code} was expected, and nothing failed`) as never;
}

/** On a virtual clock: lets time pass in small steps until it is so. */
export async function passUntil(
  clock: VirtualClock,
  what: string,
  isSo: () => boolean,
  withinMs = 60_000,
): Promise<void> {
  for (let passedMs = 0; !isSo(); passedMs += 10) {
    if (passedMs > withinMs) assert.unreachable(`in ${withinMs} ms of virtual time it did not come to be that ${what}`);
    await clock.pass(10);
  }
}

/** Anna has attached a file, ben knows of it, and the line between them is slow enough to stop in the middle. */
export interface SlowStory {
  readonly circle: Circle;
  readonly clock: VirtualClock;
  readonly anna: FileSync;
  readonly ben: FileSync;
  readonly fileId: FileId;
  readonly bytes: Uint8Array;
  /** Lets time pass until that percentage of the file is at ben's. */
  toPercent(percent: number): Promise<void>;
}

export const slowFileBytes = 1_000_000;

export function onSlowLine(story: (slow: SlowStory) => Promise<void>, fileBytes = slowFileBytes): Promise<void> {
  const clock = virtualClock();
  const line = { delayMsMin: 5, delayMsMax: 5, bytesPerSecond: 200_000 };
  return inCircle(
    ["anna", "ben"],
    async (circle) => {
      const anna = await circle.open("anna");
      const ben = await circle.open("ben");
      const bytes = content(fileBytes);
      const { fileId } = await anna.attach(bytes, { messageId: message, name: "a.jpg", mediaType: "image/jpeg" });
      await passUntil(clock, "ben hears of it", () => ben.attachments().length === 1);
      const toPercent = (percent: number): Promise<void> =>
        passUntil(clock, `${percent} % are there`, () => (ben.progress(fileId)?.percent ?? 0) >= percent);
      await story({ circle, clock, anna, ben, fileId, bytes, toPercent });
    },
    { clock, line },
  );
}

/** Lets time pass until the promise is settled. */
export async function passWhile<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await passUntil(clock, "a promise settles", () => isSettled);
  return promise;
}
