/** Back to plaintext: any range is what slicing the original gives, and a damaged slice is named (G-1). */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesEqual } from "../../core/base/bytes.ts";
import { unwrap } from "../../core/base/result.ts";
import type { StorageFile } from "../../core/base/storage.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { openBatchBytes, openBytes } from "../../core/file/opener.ts";
import { FileSealer } from "../../core/file/sealer.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { counting } from "../vectors/event-cases.ts";
import { contentOf } from "./content.ts";

const test = suite("file: opener");
test.before(cryptoReady);

const keys = { fileKey: counting(0x20, 32), noncePrefix: counting(0x60, 20) };

async function sealed(bytes: Uint8Array): Promise<StorageFile> {
  const file = (await memoryStorage().open()).open("slices/a", { create: true }) as StorageFile;
  const sealer = new FileSealer({ ...keys, target: file, fileBytes: bytes.length });
  unwrap(sealer.push(bytes));
  unwrap(sealer.finish());
  return file;
}

test("G-1: any range of a file is what slicing the original gives", async () => {
  const bytes = contentOf(100_001);
  const file = await sealed(bytes);
  const options = { ...keys, file, fileBytes: bytes.length };
  const property = fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 80_000 }), (start, length) => {
    const end = Math.min(bytes.length, start + 1 + length);
    const opened = unwrap(openBytes(options, start, end));
    assert.ok(opened instanceof Uint8Array);
    if (!(opened instanceof Uint8Array)) return;
    assert.ok(opened.length > 0 && opened.length <= openBatchBytes);
    assert.ok(bytesEqual(opened, bytes.subarray(start, start + opened.length)));
    assert.ok(opened.length === end - start || opened.length > openBatchBytes - 450);
  });
  fc.assert(property, { numRuns: 300 });
});

test("G-1: a bit that the disk flips is found at its slice, and no byte of that batch gets out", async () => {
  const bytes = contentOf(45_000);
  const file = await sealed(bytes);
  const options = { ...keys, file, fileBytes: bytes.length };
  for (const [slice, within] of [
    [0, 0],
    [7, 465],
    [99, 450],
    [50, 12],
  ] as const) {
    const byte = new Uint8Array(1);
    file.readAt(byte, slice * 466 + within);
    const flipped = Uint8Array.of((byte[0] as number) ^ 0x10);
    file.writeAt(flipped, slice * 466 + within);
    assert.equal(unwrap(openBytes(options, 0, bytes.length)), { damagedSlice: slice });
    assert.equal(unwrap(openBytes(options, slice * 450 + 3, slice * 450 + 4)), { damagedSlice: slice });
    file.writeAt(byte, slice * 466 + within);
  }
  assert.ok(unwrap(openBytes(options, 0, bytes.length)) instanceof Uint8Array);
});

test("two slices that change places are both named: a slice opens at its own number only", async () => {
  const bytes = contentOf(4500);
  const file = await sealed(bytes);
  const slice = (n: number): Uint8Array => {
    const target = new Uint8Array(466);
    file.readAt(target, n * 466);
    return target;
  };
  const [three, five] = [slice(3), slice(5)];
  file.writeAt(five, 3 * 466);
  file.writeAt(three, 5 * 466);
  const options = { ...keys, file, fileBytes: bytes.length };
  assert.equal(unwrap(openBytes(options, 0, 4500)), { damagedSlice: 3 });
  assert.equal(unwrap(openBytes(options, 5 * 450, 4500)), { damagedSlice: 5 });
});

test("slices that are gone from the end of the file are damaged, not zeros", async () => {
  const bytes = contentOf(4500);
  const file = await sealed(bytes);
  file.truncate(9 * 466);
  assert.equal(unwrap(openBytes({ ...keys, file, fileBytes: 4500 }, 0, 4500)), { damagedSlice: 9 });
});

test("a range that is empty or behind the end: range_invalid", async () => {
  const file = await sealed(contentOf(900));
  for (const [start, end] of [
    [900, 901],
    [450, 450],
    [5000, 6000],
  ] as const) {
    const opened = openBytes({ ...keys, file, fileBytes: 900 }, start, end);
    assert.is(opened.ok ? "ok" : opened.error.code, "range_invalid", `${start} to ${end}`);
  }
});

test.run();
