/**
 * `projections.cache`: the tables as SQLite has them and the place in the log that they stand for, sealed with a key
 * derived from the device's secret key, since they hold names and file keys. It only spares a replay: absent, damaged,
 * of another schema or ahead of the log, it is ignored, and the log fills the tables.
 */
import { column, layout } from "../codec/layout.ts";
import { constant, countedText, fixedBytes, restBytes, u64, u8 } from "../codec/field.ts";
import { assert } from "../base/assert.ts";
import { eventIdBytes } from "../base/ids.ts";
import type { Identity } from "../base/identity.ts";
import type { Random } from "../base/random.ts";
import type { Storage } from "../base/storage.ts";
import { deriveKey, openBox, sealBox, wipe } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { cacheBytesMax, nonceBytes } from "../limits.ts";
import { schemaName } from "../../schema/index.ts";

const cacheName = "projections.cache";
const cacheNameNext = "projections.next";

export const cacheLayout = layout("projections_cache", "at_rest_damaged", {
  version: column(constant(1), "format"),
  schema: column(countedText(u8, 64), "name of the last migration in it"),
  position: column(u64, "bytes of the log that it stands for"),
  events: column(fixedBytes(eventIdBytes), "ids of the events in them, xored: after a crash some may be gone"),
  nonce: column(fixedBytes(nonceBytes), "random"),
  box: column(restBytes, "SQLite image; associated data: all fields before the nonce"),
});

export interface Cache {
  readonly image: Uint8Array;
  readonly position: number;
  readonly events: Uint8Array;
}

const keyOf = (identity: Identity): Uint8Array => deriveKey(identity.secretKey, "focused-file-sync cache 1");

function associatedData({ position, events }: Omit<Cache, "image">): Uint8Array {
  const nothing = { nonce: new Uint8Array(nonceBytes), box: new Uint8Array(0) };
  return cacheLayout.encode({ version: 1, schema: schemaName, position, events, ...nothing });
}

export function readCache(storage: Storage, identity: Identity): Cache | undefined {
  const bytes = bytesAtRest(storage);
  if (bytes === undefined) return undefined;
  const decoded = cacheLayout.decode(bytes);
  if (!decoded.ok || decoded.value.schema !== schemaName) return undefined;
  const { position, events, nonce, box } = decoded.value;
  const key = keyOf(identity);
  const image = openBox(box, key, nonce, associatedData({ position, events }));
  wipe(key);
  return image === undefined ? undefined : { image, position, events };
}

/** What cannot be read is as good as absent. */
function bytesAtRest(storage: Storage): Uint8Array | undefined {
  try {
    const file = storage.open(cacheName, { create: false });
    if (file === undefined) return undefined;
    try {
      if (file.size() > cacheBytesMax) return undefined;
      const bytes = new Uint8Array(file.size());
      file.readAt(bytes, 0);
      return bytes;
    } finally {
      file.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof FileSyncError)) throw thrown;
    return undefined;
  }
}

/** Written beside and moved into place, so that a crash leaves the old one or the new one. */
export function writeCache(storage: Storage, identity: Identity, cache: Cache, random: Random): void {
  const nonce = random.bytes(nonceBytes);
  const key = keyOf(identity);
  const box = sealBox(cache.image, key, nonce, associatedData(cache));
  wipe(key);
  const file = storage.open(cacheNameNext, { create: true });
  assert(file !== undefined, "the next cache is made");
  try {
    file.truncate(0);
    const { position, events } = cache;
    file.writeAt(cacheLayout.encode({ version: 1, schema: schemaName, position, events, nonce, box }), 0);
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
