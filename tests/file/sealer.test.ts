/** From a stream to sealed slices: the same leaves and ids whatever the chunks and whether the length was known. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesEqual, bytesToHex } from "../../core/base/bytes.ts";
import { unwrap } from "../../core/base/result.ts";
import { fileShape, sealedBytesOf, sliceCountOf, windowRange } from "../../core/base/sizes.ts";
import type { StorageFile } from "../../core/base/storage.ts";
import { cryptoReady, hashLeaf, sealSlices } from "../../core/crypto/index.ts";
import { FileSealer, hashWindowAtRest, type SealedFile } from "../../core/file/sealer.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { counting } from "../vectors/event-cases.ts";
import { contentOf } from "./content.ts";
import { merkleTwin } from "./merkle-twin.ts";

const test = suite("file: sealer");
test.before(cryptoReady);

const fileKey = counting(0x20, 32);
const noncePrefix = counting(0x60, 20);

async function target(): Promise<StorageFile> {
  return (await memoryStorage().open()).open("attaching/a", { create: true }) as StorageFile;
}

function seal(file: StorageFile, bytes: Uint8Array, chunk: number, isLengthKnown: boolean): SealedFile {
  const fileBytes = isLengthKnown ? bytes.length : undefined;
  const sealer = new FileSealer({ target: file, fileKey, noncePrefix, fileBytes });
  for (let at = 0; at < bytes.length; at += chunk) unwrap(sealer.push(bytes.subarray(at, at + chunk)));
  assert.is(sealer.bytesTaken, bytes.length);
  return unwrap(sealer.finish());
}

function contentAtRest(file: StorageFile): Uint8Array {
  const bytes = new Uint8Array(file.size());
  file.readAt(bytes, 0);
  return bytes;
}

/** The plain twin: everything in memory, sealed in one call, hashed window by window, the root by recursion. */
function sealPlainly(bytes: Uint8Array): { sealed: Uint8Array; leaves: Uint8Array[]; rootHash: Uint8Array } {
  const sliceCount = sliceCountOf(bytes.length);
  const plain = new Uint8Array(sliceCount * 450);
  plain.set(bytes);
  const sealed = new Uint8Array(sealedBytesOf(sliceCount));
  sealSlices({ plain, fileKey, noncePrefix, firstSlice: 0, sealed });
  const shape = fileShape(sliceCount);
  const leaves = Array.from({ length: shape.windowsInUse }, (_, window) => {
    const { start, count } = windowRange(shape, window);
    return hashLeaf(sealed.subarray(sealedBytesOf(start), sealedBytesOf(start + count)));
  });
  return { sealed, leaves, rootHash: merkleTwin(leaves) };
}

const windowBytes = 100 * 450; // of a file with one full window
const edges = [0, 1, 449, 450, 451, 2000, windowBytes - 450, windowBytes, windowBytes + 450, 139 * 450 + 1, 450_000];

for (const fileBytes of edges) {
  test(`${fileBytes} bytes: known or unknown length, any chunks, the same as the plain twin`, async () => {
    const bytes = contentOf(fileBytes);
    const twin = sealPlainly(bytes);
    for (const [chunk, isLengthKnown] of [
      [65_536, true],
      [1000, true],
      [449, false],
      [1_000_000, false],
    ] as const) {
      const file = await target();
      const sealed = seal(file, bytes, chunk, isLengthKnown);
      assert.ok(bytesEqual(contentAtRest(file), twin.sealed));
      assert.is(bytesToHex(sealed.leaves), twin.leaves.map(bytesToHex).join(""));
      assert.is(bytesToHex(sealed.rootHash), bytesToHex(twin.rootHash));
      assert.is(sealed.fileBytes, fileBytes);
      for (let window = 0; window < sealed.shape.windowsInUse; window++) {
        assert.ok(bytesEqual(hashWindowAtRest(file, sealed.shape, window), twin.leaves[window] as Uint8Array));
      }
    }
  });
}

test("any length in any chunks: known and unknown length give the same id", async () => {
  const files = [await target(), await target()] as const;
  const property = fc.property(fc.nat({ max: 120_000 }), fc.integer({ min: 1, max: 9000 }), (fileBytes, chunk) => {
    const bytes = contentOf(fileBytes);
    const known = seal(files[0], bytes, chunk, true);
    const unknown = seal(files[1], bytes, chunk + 7, false);
    assert.is(known.fileId, unknown.fileId);
    assert.equal(known.leaves, unknown.leaves);
  });
  fc.assert(property, { numRuns: 60 });
});

test("two files of identical content under two keys have nothing in common", async () => {
  const bytes = contentOf(2000);
  const one = seal(await target(), bytes, 9999, true);
  const file = await target();
  const sealer = new FileSealer({ target: file, fileKey: counting(0x21, 32), noncePrefix, fileBytes: 2000 });
  unwrap(sealer.push(bytes));
  const two = unwrap(sealer.finish());
  assert.is.not(one.fileId, two.fileId);
  assert.is.not(bytesToHex(one.rootHash), bytesToHex(two.rootHash));
});

test("a source that gives more than announced: source_too_long, at the byte that is too many", async () => {
  const sealer = new FileSealer({ target: await target(), fileKey, noncePrefix, fileBytes: 1000 });
  assert.ok(sealer.push(new Uint8Array(1000)).ok);
  const pushed = sealer.push(new Uint8Array(1));
  assert.is(pushed.ok ? "ok" : pushed.error.code, "source_too_long");
});

test("a source that ends a byte short of what was announced: source_ended_early", async () => {
  const sealer = new FileSealer({ target: await target(), fileKey, noncePrefix, fileBytes: 1000 });
  unwrap(sealer.push(new Uint8Array(999)));
  const finished = sealer.finish();
  assert.is(finished.ok ? "ok" : finished.error.code, "source_ended_early");
});

test("more than 2^32 slices: file_too_large, before anything of it is sealed", () => {
  const written: number[] = [];
  const nowhere = { writeAt: (bytes: Uint8Array) => written.push(bytes.length) } as unknown as StorageFile;
  const sealer = new FileSealer({ target: nowhere, fileKey, noncePrefix, fileBytes: undefined });
  const huge = { length: 2 ** 32 * 450 + 1, subarray: () => new Uint8Array(0) } as unknown as Uint8Array;
  const pushed = sealer.push(huge);
  assert.is(pushed.ok ? "ok" : pushed.error.code, "file_too_large");
  assert.equal(written, []);
});

test.run();
