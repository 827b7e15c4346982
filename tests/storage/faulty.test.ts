import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import type { Storage, StorageFile } from "../../core/base/storage.ts";
import { coalesced } from "../../core/storage/coalesce.ts";
import { storageConformance } from "../../core/storage/conformance.ts";
import { faultyStorage, type FaultyStorage } from "../../core/storage/faulty.ts";

const conformance = suite("storage: faulty, without faults");
storageConformance({ test: conformance, makeProvider: () => faultyStorage(seededRandom(1)) });
conformance.run();

const seedCount = 300;

function create(storage: Storage, name: string): StorageFile {
  const file = storage.open(name, { create: true });
  assert.ok(file);
  return file;
}

async function contentAfter(disk: FaultyStorage, name: string): Promise<Uint8Array | undefined> {
  const file = (await disk.open()).open(name, { create: false });
  if (file === undefined) return undefined;
  const bytes = new Uint8Array(file.size());
  file.readAt(bytes, 0);
  return bytes;
}

const codeOf = async (call: () => unknown): Promise<string | undefined> => {
  try {
    await call();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

/** Writes eight blocks of 16 bytes, each of its own number, flushed up to `flushedBlocks`, and lets the power go. */
async function blocksAfterPowerLoss(seed: number, flushedBlocks: number, plan = {}): Promise<Uint8Array | undefined> {
  const disk = faultyStorage(seededRandom(seed), plan);
  const storage = await disk.open();
  const file = create(storage, "events.log");
  await storage.flushNames();
  for (let block = 0; block < 8; block++) {
    if (block === flushedBlocks) await file.flush();
    file.writeAt(new Uint8Array(16).fill(block + 1), block * 16);
  }
  disk.crash("power_loss");
  return contentAfter(disk, "events.log");
}

const faulty = suite("storage: faulty");

faulty("what was flushed survives every power loss", async () => {
  for (let seed = 0; seed < seedCount; seed++) {
    const bytes = await blocksAfterPowerLoss(seed, 5);
    for (let i = 0; i < 5 * 16; i++) assert.is(bytes?.[i], Math.floor(i / 16) + 1, `seed ${seed}, byte ${i}`);
  }
});

faulty("what was not flushed is lost, kept, torn, and kept after something lost", async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < seedCount; seed++) {
    const bytes = (await blocksAfterPowerLoss(seed, 4)) ?? new Uint8Array(0);
    const kept = [4, 5, 6, 7].map((block) => {
      const part = bytes.subarray(block * 16, block * 16 + 16);
      const count = part.filter((byte) => byte === block + 1).length;
      assert.ok(part.every((byte) => byte === 0 || byte === block + 1));
      return count;
    });
    if (kept.every((count) => count === 0)) seen.add("all lost");
    if (kept.every((count) => count === 16)) seen.add("all kept");
    if (kept.some((count) => count > 0 && count < 16)) seen.add("torn");
    if (kept[0] === 0 && kept[3] === 16) seen.add("reordered");
    const end = bytes.subarray(-1)[0];
    if (bytes.length > 64 && end === 0) seen.add("ends in zeros");
  }
  assert.equal([...seen].sort(), ["all kept", "all lost", "ends in zeros", "reordered", "torn"]);
});

faulty("an older version of overwritten bytes may come back, never a mixture with nothing", async () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < seedCount; seed++) {
    const disk = faultyStorage(seededRandom(seed));
    const storage = await disk.open();
    const file = create(storage, "a");
    file.writeAt(Uint8Array.of(1), 0);
    await Promise.all([file.flush(), storage.flushNames()]);
    file.writeAt(Uint8Array.of(2), 0);
    file.writeAt(Uint8Array.of(3), 0);
    disk.crash("power_loss");
    seen.add((await contentAfter(disk, "a"))?.[0] ?? -1);
  }
  assert.equal(
    [...seen].sort((a, b) => a - b),
    [1, 2, 3],
  );
});

faulty("names made, removed and renamed without flushNames go either way; a rename is never half", async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < seedCount; seed++) {
    const disk = faultyStorage(seededRandom(seed));
    const storage = await disk.open();
    for (const [name, byte] of [
      ["old", 1],
      ["next", 2],
      ["gone", 3],
    ] as const) {
      const file = create(storage, name);
      file.writeAt(Uint8Array.of(byte), 0);
      await file.flush();
      file.close();
    }
    await storage.flushNames();
    storage.rename("next", "old");
    storage.remove("gone");
    const made = create(storage, "made");
    made.writeAt(Uint8Array.of(4), 0);
    await made.flush();
    disk.crash("power_loss");
    const survivors: string[] = [];
    for (const name of ["old", "next", "gone", "made"]) {
      const bytes = await contentAfter(disk, name);
      disk.crash("kill");
      if (bytes !== undefined) survivors.push(`${name}=${bytes[0]}`);
    }
    const text = survivors.join(" ");
    assert.ok(/^(old=1 next=2|old=2)( |$)/.test(text), text);
    seen.add(text);
  }
  assert.is(seen.size, 8);
});

faulty("killed, nothing written is lost, but the handles are dead and the lock is free", async () => {
  const disk = faultyStorage(seededRandom(1));
  const storage = await disk.open();
  const file = create(storage, "a");
  file.writeAt(Uint8Array.of(1, 2, 3), 0);
  const flush = file.flush();
  disk.crash("kill");
  assert.is(await codeOf(() => flush), "storage_failed");
  assert.is(await codeOf(() => file.writeAt(Uint8Array.of(9), 0)), "storage_failed");
  assert.is(await codeOf(() => storage.list("")), "storage_failed");
  file.close();
  storage.close();
  assert.equal(await contentAfter(disk, "a"), Uint8Array.of(1, 2, 3));
});

faulty("a flush that has not resolved yet promises nothing", async () => {
  let lost = 0;
  for (let seed = 0; seed < 50; seed++) {
    const finishes: (() => void)[] = [];
    const disk = faultyStorage(seededRandom(seed), { scheduleFlush: (finish) => finishes.push(finish) });
    const storage = await disk.open();
    const names = storage.flushNames();
    const file = create(storage, "a");
    const secondNames = storage.flushNames();
    for (const finish of finishes) finish();
    await Promise.all([names, secondNames]);
    file.writeAt(Uint8Array.of(1), 0);
    const flush = file.flush();
    disk.crash("power_loss");
    finishes.at(-1)?.();
    assert.is(await codeOf(() => flush), "storage_failed");
    if ((await contentAfter(disk, "a"))?.length === 0) lost++;
  }
  assert.ok(lost > 5 && lost < 45);
});

faulty("a flush that lies loses what it said was safe", async () => {
  let lost = 0;
  for (let seed = 0; seed < 50; seed++) {
    if ((await blocksAfterPowerLoss(seed, 8, { flushLies: true })) === undefined) lost++;
  }
  assert.ok(lost > 10);
});

faulty("the call that is to fail fails, once or from then on", async () => {
  const disk = faultyStorage(seededRandom(1), { failure: { call: 3, code: "storage_failed", lasting: false } });
  const storage = await disk.open();
  const file = create(storage, "a");
  file.writeAt(Uint8Array.of(1), 0);
  assert.is(await codeOf(() => file.size()), "storage_failed");
  assert.is(file.size(), 1);
  assert.is(disk.callCount(), 4);
  disk.setPlan({ failure: { call: 2, code: "storage_failed", lasting: true } });
  assert.is(file.size(), 1);
  assert.is(await codeOf(() => file.flush()), "storage_failed");
  assert.is(await codeOf(() => storage.flushNames()), "storage_failed");
  disk.setPlan({});
  assert.is(file.size(), 1);
});

faulty("a full disk can still be read and tidied; what was being written is there in part", async () => {
  const disk = faultyStorage(seededRandom(1));
  const storage = await disk.open();
  const file = create(storage, "a");
  create(storage, "b").close();
  file.writeAt(new Uint8Array(10).fill(1), 0);
  disk.setPlan({ failure: { call: 1, code: "storage_full", lasting: true } });
  assert.is(await codeOf(() => file.writeAt(new Uint8Array(100).fill(2), 10)), "storage_full");
  assert.ok(file.size() > 10 && file.size() < 110);
  assert.is(await codeOf(() => storage.open("c", { create: true })), "storage_full");
  assert.is(await codeOf(() => file.flush()), "storage_full");
  file.truncate(10);
  storage.remove("b");
  assert.equal(storage.list(""), ["a"]);
});

faulty("the same seed loses the same bytes", async () => {
  for (let seed = 0; seed < 20; seed++) {
    assert.equal(await blocksAfterPowerLoss(seed, 2), await blocksAfterPowerLoss(seed, 2));
  }
});

faulty.run();

const flushes = suite("storage: shared flushes");

flushes("calls while a flush runs share the next one, not the running one", async () => {
  const finishes: (() => void)[] = [];
  const flush = coalesced(() => new Promise((resolve) => finishes.push(resolve)));
  const first = flush();
  const shared = [flush(), flush(), flush()];
  let isSharedDone = false;
  void shared[0]?.then(() => (isSharedDone = true));
  assert.is(finishes.length, 1);
  finishes[0]?.();
  await first;
  await Promise.resolve();
  assert.is(finishes.length, 2);
  assert.not.ok(isSharedDone);
  finishes[1]?.();
  await Promise.all(shared);
  void flush();
  assert.is(finishes.length, 3);
});

flushes("after one failure every flush fails: what was lost does not become durable later", async () => {
  let calls = 0;
  const flush = coalesced(async () => {
    if (++calls === 1) throw new Error("device");
  });
  for (let attempt = 0; attempt < 3; attempt++) {
    let message = "none";
    await flush().catch((error: Error) => (message = error.message));
    assert.is(message, "device");
  }
  assert.is(calls, 1);
});

flushes.run();
