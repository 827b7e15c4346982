/**
 * A file's content in memory: pieces of equal reach, of which those that were never written take no memory. A piece
 * grows by doubling up to its reach, so that a small file stays small and a large one is few pieces.
 */
import { assert } from "../base/assert.ts";
import { emptyBytes } from "../base/bytes.ts";
import { memoryChunkBytes, memoryChunkBytesMin } from "../limits.ts";

export class SparseBytes {
  readonly #chunks = new Map<number, Uint8Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Returns how many bytes there were. */
  read(target: Uint8Array, position: number): number {
    assert(Number.isSafeInteger(position) && position >= 0, "a position is a whole number");
    const count = Math.max(0, Math.min(target.length, this.#size - position));
    for (let at = 0; at < count; ) {
      const within = (position + at) % memoryChunkBytes;
      const length = Math.min(count - at, memoryChunkBytes - within);
      const chunk = this.#chunks.get((position + at - within) / memoryChunkBytes);
      const there = chunk?.subarray(within, within + length) ?? emptyBytes;
      target.set(there, at);
      target.fill(0, at + there.length, at + length);
      at += length;
    }
    return count;
  }

  write(source: Uint8Array, position: number): void {
    assert(Number.isSafeInteger(position) && position >= 0, "a position is a whole number");
    for (let at = 0; at < source.length; ) {
      const within = (position + at) % memoryChunkBytes;
      const length = Math.min(source.length - at, memoryChunkBytes - within);
      this.#chunk((position + at - within) / memoryChunkBytes, within + length).set(
        source.subarray(at, at + length),
        within,
      );
      at += length;
    }
    if (source.length > 0) this.#size = Math.max(this.#size, position + source.length);
  }

  truncate(size: number): void {
    assert(Number.isSafeInteger(size) && size >= 0, "a size is a whole number");
    if (size < this.#size) {
      const within = size % memoryChunkBytes;
      const last = (size - within) / memoryChunkBytes;
      // What is cut off reads as zeros should the file grow again.
      this.#chunks.get(last)?.fill(0, within);
      for (const index of this.#chunks.keys()) if (index > last) this.#chunks.delete(index);
    }
    this.#size = size;
  }

  copy(): SparseBytes {
    const copy = new SparseBytes();
    for (const [index, chunk] of this.#chunks) copy.#chunks.set(index, chunk.slice());
    copy.#size = this.#size;
    return copy;
  }

  /** The piece, with room for so many bytes. */
  #chunk(index: number, bytes: number): Uint8Array {
    const chunk = this.#chunks.get(index);
    if (chunk !== undefined && chunk.length >= bytes) return chunk;
    let room = chunk?.length ?? memoryChunkBytesMin;
    while (room < bytes) room *= 2;
    const grown = new Uint8Array(room);
    if (chunk !== undefined) grown.set(chunk);
    this.#chunks.set(index, grown);
    return grown;
  }
}
