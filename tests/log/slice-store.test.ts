/** Slices of many files at a time: handles come and go, what was written stays. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId } from "../../core/base/ids.ts";
import type { Storage, StorageFile } from "../../core/base/storage.ts";
import { sealedSliceBytes } from "../../core/limits.ts";
import { SliceStore } from "../../core/log/slice-store.ts";
import { memoryStorage } from "../../core/storage/memory.ts";

const test = suite("log: slice store");

const fileId = (n: number): FileId => n.toString(16).padStart(32, "0") as FileId;
const slice = (n: number): Uint8Array => new Uint8Array(sealedSliceBytes).fill(n);

/** Counts the handles that are open. */
async function counted(): Promise<{ storage: Storage; most: () => number }> {
  const storage = await memoryStorage().open();
  let open = 0;
  let most = 0;
  const watched = (file: StorageFile): StorageFile => {
    most = Math.max(most, ++open);
    const close = (): void => {
      open--;
      file.close();
    };
    return new Proxy(file, {
      get: (target, key) => (key === "close" ? close : (Reflect.get(target, key, target) as () => void).bind(target)),
    });
  };
  return {
    storage: new Proxy(storage, {
      get(target, key) {
        if (key !== "open") return (Reflect.get(target, key, target) as () => void).bind(target);
        return (name: string, options: { create: boolean }) => {
          const file = target.open(name, options);
          return file === undefined ? undefined : watched(file);
        };
      },
    }),
    most: () => most,
  };
}

test("300 files written in turns, none of them flushed: every slice is there, with few handles open", async () => {
  const { storage, most } = await counted();
  const slices = new SliceStore(storage);
  for (let round = 0; round < 3; round++)
    for (let n = 0; n < 300; n++) slices.write(fileId(n), round, slice(n + round));
  const target = new Uint8Array(sealedSliceBytes);
  for (let n = 0; n < 300; n++) {
    await slices.flush(fileId(n));
    for (let round = 0; round < 3; round++) {
      slices.read(fileId(n), round, target);
      assert.equal(target, slice(n + round));
    }
  }
  assert.ok(most() < 100, `${most()} handles`);
  slices.close();
});

test.run();
