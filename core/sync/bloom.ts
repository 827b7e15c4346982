/**
 * The bloom filter of what an asker already holds: bloom-filters keeps the bits, the hashes are ours.
 *
 * The library's own hash costs twenty times as much and takes 32 bits of seed. Ours mixes the number with a 128-bit salt,
 * BLAKE2b of asker, file, window and round, so nobody can prepare for it and each round withholds other slices. What an
 * answerer gains by a collision that it finds is to send less, which it can do anyway. So the part of the library that is
 * used is the one below its hashes: its other modules would bring that hash, a random generator and a reflection library,
 * seven megabytes of a process and a quarter of a browser's bundle.
 *
 * The wire carries the raw bit bytes; their length follows from the number of elements, and is checked before a filter
 * is built from them.
 */
import BitSetModule from "bloom-filters/dist/bloom/bit-set.js";
import { fail, ok, type Result } from "../base/result.ts";
import { filterBitsMin, filterBitsPerSlice, filterBytesMax, filterHashes } from "../limits.ts";

/** The bits of bloom-filters' filters. */
interface LibraryBits {
  array: Uint8Array;
  add(index: number): void;
  has(index: number): boolean;
}

const LibraryBits = ((BitSetModule as { default?: unknown }).default ?? BitSetModule) as new (
  size: number,
) => LibraryBits;

/** Bytes of a filter over a set of at most `capacity`: 3 % false positives when it is full, never under 64 bytes. */
export function filterBytesOf(capacity: number): number {
  const bits = Math.max(filterBitsMin, Math.ceil(capacity * filterBitsPerSlice));
  return Math.min(filterBytesMax, 8 * Math.ceil(bits / 64));
}

export class SaltedFilter {
  readonly #bits: LibraryBits;
  readonly #indexesOf: (element: number) => readonly number[];

  private constructor(bytes: Uint8Array, salt: Uint8Array) {
    this.#bits = new LibraryBits(0);
    this.#bits.array = bytes;
    this.#indexesOf = saltedIndexes(salt, 8 * bytes.length);
  }

  static create(capacity: number, salt: Uint8Array): SaltedFilter {
    return new SaltedFilter(new Uint8Array(filterBytesOf(capacity)), salt);
  }

  /** From the wire: the size must be the one that follows from the capacity. */
  static open(bytes: Uint8Array, capacity: number, salt: Uint8Array): Result<SaltedFilter> {
    const expected = filterBytesOf(capacity);
    if (bytes.length !== expected)
      return fail("filter_size_invalid", { detail: `${bytes.length} bytes, not ${expected}` });
    return ok(new SaltedFilter(bytes, salt));
  }

  get bytes(): Uint8Array {
    return this.#bits.array;
  }

  add(element: number): void {
    for (const index of this.#indexesOf(element)) this.#bits.add(index);
  }

  has(element: number): boolean {
    return this.#indexesOf(element).every((index) => this.#bits.has(index));
  }
}

/**
 * Double hashing (Kirsch and Mitzenmacher 2006): two independent 32-bit hashes of the element under the salt give all
 * indexes. The array is reused: nobody keeps it.
 */
function saltedIndexes(salt: Uint8Array, bits: number): (element: number) => readonly number[] {
  const words = new DataView(salt.buffer, salt.byteOffset, salt.byteLength);
  const s0 = words.getUint32(0);
  const s1 = words.getUint32(4);
  const s2 = words.getUint32(8);
  const s3 = words.getUint32(12);
  const indexes = new Array<number>(filterHashes).fill(0);
  return (element) => {
    const low = element >>> 0;
    const high = Math.floor(element / 2 ** 32);
    const first = mix(mix(low ^ s0) ^ high ^ s1);
    const step = mix(mix(low ^ s2) ^ high ^ s3) | 1;
    let at = first;
    for (let i = 0; i < filterHashes; i++) {
      // The high bits choose the index: 32 × 32 bits, divided by 2³², without a modulo's bias.
      indexes[i] = Math.floor(((at >>> 0) / 2 ** 32) * bits);
      at = (at + step) | 0;
    }
    return indexes;
  };
}

/** The finalizer of MurmurHash3 (Appleby): every input bit reaches every output bit. */
function mix(n: number): number {
  let h = n | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
