/** A store's files as they are at this moment, in a store of their own: what a crash right now would leave. */
import * as assert from "uvu/assert";
import { memoryStorage, type StorageProvider } from "../../core/index.ts";
import type { WatchedProvider } from "./circle.ts";

export async function copyOf(store: WatchedProvider): Promise<StorageProvider> {
  const copy = memoryStorage();
  const files = store.files().map((name) => ({ name, bytes: store.bytes(name) }));
  const storage = await copy.open();
  for (const { name, bytes } of files) {
    const file = storage.open(name, { create: true });
    assert.ok(file !== undefined);
    file.writeAt(bytes, 0);
    file.close();
  }
  storage.close();
  return copy;
}
