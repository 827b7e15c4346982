/** Runs of slices against the wrapper's own functions, the slow and plain twin. G-1: a wrong byte is never opened. */
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { concatBytes, isAllZero } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { checkSlices, cryptoReady, openSlices, sealSlices } from "../../core/crypto/index.ts";
import { cryptoBatchSlices, sealedSliceBytes, sliceBytes, sliceCountMax } from "../../core/limits.ts";

const test = suite("crypto: slices");
test.before(cryptoReady);

const random = seededRandom(450);
const edgeCounts = [
  0,
  1,
  2,
  57,
  100,
  cryptoBatchSlices - 1,
  cryptoBatchSlices,
  cryptoBatchSlices + 1,
  2 * cryptoBatchSlices + 3,
];

interface Sealed {
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
  readonly firstSlice: number;
  readonly plain: Uint8Array;
  readonly sealed: Uint8Array;
}

function sealedRun(count: number, firstSlice = 0): Sealed {
  const run = {
    fileKey: random.bytes(32),
    noncePrefix: random.bytes(20),
    firstSlice,
    plain: random.bytes(count * sliceBytes),
    sealed: new Uint8Array(count * sealedSliceBytes),
  };
  sealSlices(run);
  return run;
}

function twinSeal({ plain, fileKey, noncePrefix, firstSlice }: Sealed): Uint8Array {
  const slices: Uint8Array[] = [];
  for (let i = 0; i * sliceBytes < plain.length; i++) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, firstSlice + i);
    const slice = plain.subarray(i * sliceBytes, (i + 1) * sliceBytes);
    slices.push(
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(slice, null, null, concatBytes(noncePrefix, number), fileKey),
    );
  }
  return concatBytes(...slices);
}

function open(run: Sealed): { bad: number; plain: Uint8Array } {
  const plain = new Uint8Array(run.plain.length).fill(0xee);
  return { bad: openSlices({ ...run, plain }), plain };
}

for (const count of edgeCounts) {
  test(`${count} slices: sealed as the wrapper seals them one by one, opened again`, () => {
    const run = sealedRun(count, 1000);
    assert.equal(run.sealed, twinSeal(run));
    assert.equal(open(run), { bad: -1, plain: run.plain });
    assert.equal(checkSlices(run), []);
  });
}

test("any run: the raw batch and the slow twin agree, to the last slice number", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: sliceCountMax - 5 }), (count, first) => {
      const run = sealedRun(count, first);
      assert.equal(run.sealed, twinSeal(run));
      assert.equal(open(run).bad, -1);
    }),
    { numRuns: 100 },
  );
  const last = sealedRun(2, sliceCountMax - 2);
  assert.equal(last.sealed, twinSeal(last));
});

test("every bit of a sealed slice flipped: found, and its plaintext is zeros", () => {
  const run = sealedRun(2);
  for (let bit = 0; bit < sealedSliceBytes * 8; bit++) {
    const sealed = run.sealed.slice();
    const at = sealedSliceBytes + (bit >>> 3);
    sealed[at] = (sealed[at] as number) ^ (1 << (bit & 7));
    const opened = open({ ...run, sealed });
    assert.is(opened.bad, 1);
    assert.ok(isAllZero(opened.plain.subarray(sliceBytes)));
    assert.equal(opened.plain.subarray(0, sliceBytes), run.plain.subarray(0, sliceBytes));
    assert.equal(checkSlices({ ...run, sealed }), [1]);
  }
});

test("several bad slices across passes: the first is named by opening, all by checking", () => {
  const run = sealedRun(2 * cryptoBatchSlices + 3, 7);
  const bad = [3, cryptoBatchSlices - 1, cryptoBatchSlices, 2 * cryptoBatchSlices + 2];
  for (const slice of bad) run.sealed[slice * sealedSliceBytes + 449]! ^= 1;
  const opened = open(run);
  assert.is(opened.bad, 3);
  for (const slice of bad) assert.ok(isAllZero(opened.plain.subarray(slice * sliceBytes, (slice + 1) * sliceBytes)));
  assert.equal(checkSlices(run), bad);
});

test("another key, prefix or slice number: nothing opens", () => {
  const run = sealedRun(2);
  assert.is(open({ ...run, fileKey: random.bytes(32) }).bad, 0);
  assert.is(open({ ...run, noncePrefix: random.bytes(20) }).bad, 0);
  assert.is(open({ ...run, firstSlice: 1 }).bad, 0);
  const swapped = concatBytes(run.sealed.subarray(sealedSliceBytes), run.sealed.subarray(0, sealedSliceBytes));
  assert.equal(checkSlices({ ...run, sealed: swapped }), [0, 1]);
});

test("wrong lengths and numbers are our own mistakes: they assert", () => {
  const run = sealedRun(2);
  assert.throws(() => sealSlices({ ...run, plain: new Uint8Array(899) }), /match/);
  assert.throws(() => sealSlices({ ...run, sealed: new Uint8Array(931) }), /whole/);
  assert.throws(() => sealSlices({ ...run, fileKey: new Uint8Array(31) }), /32 bytes/);
  assert.throws(() => sealSlices({ ...run, noncePrefix: new Uint8Array(24) }), /20 bytes/);
  assert.throws(() => sealSlices({ ...run, firstSlice: -1 }), /whole number/);
  assert.throws(() => sealSlices({ ...run, firstSlice: sliceCountMax - 1 }), /fit the nonce/);
});

test("after use the heap holds neither the key nor the nonce prefix", () => {
  const run = sealedRun(3);
  open(run);
  const heap = (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8;
  assert.is(Buffer.from(heap).indexOf(run.fileKey), -1);
  assert.is(Buffer.from(heap).indexOf(run.noncePrefix), -1);
});

test.run();
