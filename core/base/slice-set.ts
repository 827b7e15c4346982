/**
 * A set of whole numbers from 0 to `length` - 1: slices of a window, windows of a file. A bitmap that knows its count;
 * what leaves it (log, wire) leaves as ranges. Its plain twin, a Set<number>, is in tests/base.
 */
import { assert } from "./assert.ts";

export interface Range {
  readonly start: number;
  readonly count: number;
}

export class SliceSet {
  readonly length: number;
  readonly #bits: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.#bits = new Uint8Array((length + 7) >>> 3);
  }

  /** How many numbers are in the set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  has(n: number): boolean {
    return ((this.#bits[n >>> 3] ?? 0) & (1 << (n & 7))) !== 0;
  }

  /** Returns whether it was new. */
  add(n: number): boolean {
    assert(n >= 0 && n < this.length, "the number is within the set's length");
    const byte = this.#bits[n >>> 3] as number;
    const bit = 1 << (n & 7);
    if ((byte & bit) !== 0) return false;
    this.#bits[n >>> 3] = byte | bit;
    this.#count++;
    return true;
  }

  /** Returns how many were new. */
  addRange(range: Range): number {
    let added = 0;
    for (let n = range.start; n < range.start + range.count; n++) if (this.add(n)) added++;
    return added;
  }

  delete(n: number): boolean {
    if (!this.has(n)) return false;
    this.#bits[n >>> 3] = (this.#bits[n >>> 3] as number) & ~(1 << (n & 7));
    this.#count--;
    return true;
  }

  clear(): void {
    this.#bits.fill(0);
    this.#count = 0;
  }

  /** The lowest number from `from` on that is not in the set; `length` when there is none. */
  nextMissing(from = 0): number {
    let n = from;
    while (n < this.length) {
      if ((n & 7) === 0 && this.#bits[n >>> 3] === 0xff) n += 8;
      else if (this.has(n)) n++;
      else return n;
    }
    return this.length;
  }

  /** The lowest number from `from` on that is in the set; `length` when there is none. */
  nextPresent(from = 0): number {
    let n = from;
    while (n < this.length) {
      if ((n & 7) === 0 && this.#bits[n >>> 3] === 0) n += 8;
      else if (!this.has(n)) n++;
      else return n;
    }
    return this.length;
  }

  *values(): Generator<number> {
    for (let n = this.nextPresent(); n < this.length; n = this.nextPresent(n + 1)) yield n;
  }

  /** Maximal runs, in order. */
  ranges(): Range[] {
    const ranges: Range[] = [];
    for (let start = this.nextPresent(); start < this.length; ) {
      const end = this.nextMissing(start);
      ranges.push({ start, count: end - start });
      start = this.nextPresent(end);
    }
    return ranges;
  }
}
