/**
 * What a disk does to one file when the power goes. `current` is what the process sees; `durable` is what is certain to be
 * there afterwards; the changes between the two are each kept, torn or lost on their own.
 */
import type { Random } from "../base/random.ts";
import { SparseBytes } from "./sparse-bytes.ts";

type Change =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

export class FaultyBytes {
  #durable = new SparseBytes();
  #current = new SparseBytes();
  /** Oldest first. */
  #changes: Change[] = [];
  /** Of all changes ever made, how many are durable. */
  #durableCount = 0;

  get current(): SparseBytes {
    return this.#current;
  }

  /** Of all changes ever made; what `makeDurable` takes. */
  get changeCount(): number {
    return this.#durableCount + this.#changes.length;
  }

  write(source: Uint8Array, position: number): void {
    this.#current.write(source, position);
    this.#changes.push({ kind: "write", position, bytes: source.slice() });
  }

  truncate(size: number): void {
    this.#current.truncate(size);
    this.#changes.push({ kind: "truncate", size });
  }

  makeDurable(changeCount: number): void {
    const flushed = this.#changes.splice(0, Math.max(0, changeCount - this.#durableCount));
    for (const change of flushed) apply(this.#durable, change);
    this.#durableCount += flushed.length;
  }

  /**
   * Each change is lost or kept without regard to the others, so a later one may survive an earlier one, which is all that
   * reordering can do; of a kept write any run of bytes may be missing. Last, the file may have grown to a length
   * whose bytes never came: it ends in zeros, as on file systems that record the length first.
   */
  losePower(random: Random): void {
    if (this.#changes.length === 0) return;
    const sizeBefore = this.#current.size;
    for (const change of this.#changes) {
      if (chance(random, 2)) for (const part of torn(change, random)) apply(this.#durable, part);
    }
    if (this.#durable.size < sizeBefore && chance(random, 8)) {
      this.#durable.truncate(this.#durable.size + below(random, sizeBefore - this.#durable.size + 1));
    }
    this.#durableCount += this.#changes.length;
    this.#changes = [];
    this.#current = this.#durable.copy();
  }
}

/** Two in three whole, the others without some run of their bytes. */
function torn(change: Change, random: Random): Change[] {
  if (change.kind === "truncate" || !chance(random, 3)) return [change];
  const { bytes, position } = change;
  const start = below(random, bytes.length + 1);
  const end = chance(random, 2) ? bytes.length : start + below(random, bytes.length - start + 1);
  return [
    { kind: "write", position, bytes: bytes.subarray(0, start) },
    { kind: "write", position: position + end, bytes: bytes.subarray(end) },
  ];
}

function apply(target: SparseBytes, change: Change): void {
  if (change.kind === "write") target.write(change.bytes, change.position);
  else target.truncate(change.size);
}

/** One in `n`. */
export const chance = (random: Random, n: number): boolean => random.u32() % n === 0;

export const below = (random: Random, n: number): number => random.u32() % n;
