/**
 * `projections.cache`: the tables as SQLite has them and the place in the log that they stand for, sealed with a key
 * derived from the device's secret key, since they hold names and file keys. It only spares a replay: absent, damaged,
 * of another schema or ahead of the log, it is ignored, and the log fills the tables.
 *
 * The image is sealed as a stream of frames, so that neither side of it is in memory a second time, and so that writing
 * and reading it are done in steps. The last frame is marked: a cache that was cut short is told.
 */
import { column, layout } from "../codec/layout.ts";
import { constant, countedText, fixedBytes, restBytes, u64, u8 } from "../codec/field.ts";
import { assert } from "../base/assert.ts";
import { eventIdBytes } from "../base/ids.ts";
import type { Identity } from "../base/identity.ts";
import type { Random } from "../base/random.ts";
import type { Storage, StorageFile } from "../base/storage.ts";
import { deriveKey, PullStream, PushStream, wipe } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { cacheBytesMax, cacheFrameBytes, cacheTurnFrames, nonceBytes, streamOverheadBytes } from "../limits.ts";
import { schemaName } from "../../schema/index.ts";
import { toEnd, type Steps } from "./steps.ts";

const cacheName = "projections.cache";
const cacheNameNext = "projections.next";
const schemaBytesMax = 64;
const frameOnDiskBytes = cacheFrameBytes + streamOverheadBytes;

export const cacheLayout = layout("projections_cache", "at_rest_damaged", {
  version: column(constant(2), "format"),
  schema: column(countedText(u8, schemaBytesMax), "name of the last migration in it"),
  position: column(u64, "bytes of the log that it stands for"),
  events: column(fixedBytes(eventIdBytes), "ids of the events in them, xored: after a crash some may be gone"),
  nonce: column(fixedBytes(nonceBytes), "random: the header of the stream"),
  frames: column(restBytes, "SQLite image, 65,536 bytes of it a frame of crypto_secretstream; the last one is marked"),
});

const headBytesMax = 1 + 1 + schemaBytesMax + 8 + eventIdBytes + nonceBytes;

export interface Cache {
  readonly image: Uint8Array;
  readonly position: number;
  readonly events: Uint8Array;
}

interface Head extends Omit<Cache, "image"> {
  readonly nonce: Uint8Array;
}

const encodeHead = (head: Head): Uint8Array =>
  cacheLayout.encode({ version: 2, schema: schemaName, ...head, frames: new Uint8Array(0) });

/** The key depends on every byte before the frames, so none of them can be another's. */
const keyOf = (identity: Identity, head: Uint8Array): Uint8Array =>
  deriveKey(identity.secretKey, "focused-file-sync cache 2", head);

/** `readingCache`, without a pause. */
export const readCache = (storage: Storage, identity: Identity): Cache | undefined =>
  toEnd(readingCache(storage, identity));

/** What cannot be read is as good as absent. */
export function* readingCache(storage: Storage, identity: Identity): Steps<Cache | undefined> {
  try {
    const file = storage.open(cacheName, { create: false });
    if (file === undefined) return undefined;
    try {
      return yield* readFrom(file, identity);
    } finally {
      file.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof FileSyncError)) throw thrown;
    return undefined;
  }
}

function* readFrom(file: StorageFile, identity: Identity): Steps<Cache | undefined> {
  const size = file.size();
  if (size > cacheBytesMax) return undefined;
  const first = new Uint8Array(Math.min(size, headBytesMax));
  file.readAt(first, 0);
  const decoded = cacheLayout.decode(first);
  if (!decoded.ok || decoded.value.schema !== schemaName) return undefined;
  const { position, events, nonce, frames } = decoded.value;
  const head = first.subarray(0, first.length - frames.length);
  const key = keyOf(identity, head);
  const image = yield* openFrames(file, head.length, size, new PullStream(key, nonce));
  wipe(key);
  return image === undefined ? undefined : { image, position, events: events.slice() };
}

function* openFrames(
  file: StorageFile,
  start: number,
  size: number,
  stream: PullStream,
): Steps<Uint8Array | undefined> {
  const count = Math.ceil((size - start) / frameOnDiskBytes);
  const image = new Uint8Array(Math.max(0, size - start - count * streamOverheadBytes));
  const buffer = new Uint8Array(frameOnDiskBytes);
  for (let n = 0; n < count; n++) {
    if (n % cacheTurnFrames === cacheTurnFrames - 1) yield;
    const frame = buffer.subarray(0, file.readAt(buffer, start + n * frameOnDiskBytes));
    const pulled = stream.pull(frame);
    if (pulled === undefined || pulled.final !== (n === count - 1)) return undefined;
    image.set(pulled.plain, n * cacheFrameBytes);
  }
  return count === 0 ? undefined : image;
}

/** Written beside and moved into place, so that a crash leaves the old one or the new one. */
export function* writingCache(storage: Storage, identity: Identity, cache: Cache, random: Random): Steps<void> {
  const { position, events, image } = cache;
  const nonce = random.bytes(nonceBytes);
  const head = encodeHead({ position, events, nonce });
  const key = keyOf(identity, head);
  const stream = new PushStream(key, nonce);
  wipe(key);
  const file = storage.open(cacheNameNext, { create: true });
  assert(file !== undefined, "the next cache is made");
  try {
    file.truncate(0);
    file.writeAt(head, 0);
    const count = Math.max(1, Math.ceil(image.length / cacheFrameBytes));
    for (let n = 0; n < count; n++) {
      if (n % cacheTurnFrames === cacheTurnFrames - 1) yield;
      const plain = image.subarray(n * cacheFrameBytes, (n + 1) * cacheFrameBytes);
      file.writeAt(stream.push(plain, n === count - 1), head.length + n * frameOnDiskBytes);
    }
  } finally {
    file.close();
  }
  storage.rename(cacheNameNext, cacheName);
}

/** What was cached must not be found any more. */
export function removeCache(storage: Storage): void {
  storage.remove(cacheName);
  storage.remove(cacheNameNext);
}
