/**
 * Slices sealed, opened and checked in runs: one copy into libsodium's heap, one call a slice, one copy out.
 *
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2) with the file's key. The nonce of slice n is the file's
 * prefix (20 random bytes) and n as u32 big-endian, so no nonce is ever used twice under one key: the key is the
 * file's own, and a slice number stands for one plaintext.
 *
 * There is no associated data. A slice's version, type and file id could be bound here only if they were known, but
 * the file id comes from hashing what is sealed. Key and nonce bind a slice to its file and place as tightly: a slice
 * that is moved or renumbered meets another nonce, one of another file another key. The leaf binds the rest.
 */
import { assert } from "../base/assert.ts";
import {
  cryptoBatchSlices,
  fileKeyBytes,
  nonceBytes,
  noncePrefixBytes,
  sealedSliceBytes,
  sliceBytes,
  sliceCountMax,
} from "../limits.ts";
import { borrow, giveBack, nullPointer, sodium, type Pointer } from "./sodium.ts";

/** Which slices, and what seals them. */
export interface SliceRun {
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
  /** Number of the first slice of the run. */
  readonly firstSlice: number;
}

export interface SlicesToSeal extends SliceRun {
  /** 450 bytes a slice; the caller has padded the last one. */
  readonly plain: Uint8Array;
  /** Filled: 466 bytes a slice. */
  readonly sealed: Uint8Array;
}

export interface SlicesToOpen extends SliceRun {
  readonly sealed: Uint8Array;
  /** Filled: 450 bytes a slice; zeros where the tag does not match. */
  readonly plain: Uint8Array;
}

export interface SlicesToCheck extends SliceRun {
  readonly sealed: Uint8Array;
}

export function sealSlices(run: SlicesToSeal): void {
  const count = sliceCountOf(run, run.sealed);
  assert(run.plain.length === count * sliceBytes, "plaintext and room for sealed slices match");
  forEachPass(run, count, (at, first, heap) => {
    const sealed = heap.slices + heap.count * sliceBytes;
    copyIn(run.plain, first * sliceBytes, heap.count * sliceBytes, heap.slices);
    for (let i = 0; i < heap.count; i++) {
      at(i);
      const failed = heap.raw._crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + i * sealedSliceBytes,
        nullPointer,
        heap.slices + i * sliceBytes,
        sliceBytes,
        0,
        nullPointer,
        0,
        0,
        nullPointer,
        heap.nonce,
        heap.key,
      );
      assert(failed === 0, "sealing cannot fail");
    }
    copyOut(sealed, heap.count * sealedSliceBytes, run.sealed, first * sealedSliceBytes);
  });
}

/** The place within the run of the first slice whose tag does not match; -1 when all do. */
export function openSlices(run: SlicesToOpen): number {
  const count = sliceCountOf(run, run.sealed);
  assert(run.plain.length === count * sliceBytes, "sealed slices and room for plaintext match");
  let firstBad = -1;
  forEachPass(run, count, (at, first, heap) => {
    const plain = heap.slices + heap.count * sealedSliceBytes;
    copyIn(run.sealed, first * sealedSliceBytes, heap.count * sealedSliceBytes, heap.slices);
    for (let i = 0; i < heap.count; i++) {
      at(i);
      if (openSlice(heap, heap.slices + i * sealedSliceBytes, plain + i * sliceBytes)) continue;
      // libsodium leaves zeros behind a bad tag; this does not depend on it.
      heap.raw.HEAPU8.fill(0, plain + i * sliceBytes, plain + (i + 1) * sliceBytes);
      if (firstBad === -1) firstBad = first + i;
    }
    copyOut(plain, heap.count * sliceBytes, run.plain, first * sliceBytes);
  });
  return firstBad;
}

/** The places within the run of all slices whose tags do not match. Nothing is decrypted: half the price of opening. */
export function checkSlices(run: SlicesToCheck): number[] {
  const bad: number[] = [];
  forEachPass(run, sliceCountOf(run, run.sealed), (at, first, heap) => {
    copyIn(run.sealed, first * sealedSliceBytes, heap.count * sealedSliceBytes, heap.slices);
    for (let i = 0; i < heap.count; i++) {
      at(i);
      if (!openSlice(heap, heap.slices + i * sealedSliceBytes, nullPointer)) bad.push(first + i);
    }
  });
  return bad;
}

interface HeapPass {
  readonly raw: ReturnType<typeof sodium>;
  readonly key: Pointer;
  readonly nonce: Pointer;
  /** Room for the plaintext and the sealed bytes of `count` slices. */
  readonly slices: Pointer;
  readonly count: number;
}

/** Calls `pass` with what fits the arena at a time; `at(i)` sets the nonce of the pass's slice i. */
function forEachPass(
  run: SliceRun,
  count: number,
  pass: (at: (i: number) => void, first: number, heap: HeapPass) => void,
): void {
  const raw = sodium();
  const countMax = Math.min(count, cryptoBatchSlices);
  const key = borrow(secretBytes + countMax * (sliceBytes + sealedSliceBytes));
  const nonce = key + fileKeyBytes;
  raw.HEAPU8.set(run.fileKey, key);
  raw.HEAPU8.set(run.noncePrefix, nonce);
  const end = nonce + noncePrefixBytes;
  for (let first = 0; first < count; first += countMax) {
    const memory = raw.HEAPU8;
    const at = (i: number): void => {
      const n = run.firstSlice + first + i;
      memory[end] = n >>> 24;
      memory[end + 1] = n >>> 16;
      memory[end + 2] = n >>> 8;
      memory[end + 3] = n;
    };
    pass(at, first, { raw, key, nonce, slices: key + secretBytes, count: Math.min(countMax, count - first) });
  }
  giveBack(key, secretBytes);
}

/** Key and nonce, rounded up to 64 so that the slices begin aligned. */
const secretBytes = Math.ceil((fileKeyBytes + nonceBytes) / 64) * 64;

/** Without a place for the plaintext libsodium compares the tag and stops. */
function openSlice(heap: HeapPass, sealed: Pointer, plain: Pointer): boolean {
  return (
    heap.raw._crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
      plain,
      nullPointer,
      sealed,
      sliceBytes,
      0,
      sealed + sliceBytes,
      nullPointer,
      0,
      0,
      heap.nonce,
      heap.key,
    ) === 0
  );
}

function copyIn(source: Uint8Array, at: number, bytes: number, target: Pointer): void {
  sodium().HEAPU8.set(source.subarray(at, at + bytes), target);
}

function copyOut(source: Pointer, bytes: number, target: Uint8Array, at: number): void {
  target.set(sodium().HEAPU8.subarray(source, source + bytes), at);
}

function sliceCountOf(run: SliceRun, sealed: Uint8Array): number {
  const count = sealed.length / sealedSliceBytes;
  assert(Number.isInteger(count), "sealed slices come whole");
  assert(run.fileKey.length === fileKeyBytes, "a file key is 32 bytes");
  assert(run.noncePrefix.length === noncePrefixBytes, "a nonce prefix is 20 bytes");
  assert(Number.isInteger(run.firstSlice) && run.firstSlice >= 0, "a slice number is a whole number");
  assert(run.firstSlice + count <= sliceCountMax, "slice numbers fit the nonce");
  return count;
}
