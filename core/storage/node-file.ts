/** A file of a store on disk: synchronous calls on its descriptor, but for the flush, which would stop everything else. */
import { close, closeSync, fdatasync, fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { assert } from "../base/assert.ts";
import type { StorageFile } from "../base/storage.ts";
import { FileSyncError } from "../errors.ts";
import { coalesced } from "./coalesce.ts";
import { guarded, storageFailure } from "./node-errors.ts";

const fdatasyncAsync = promisify(fdatasync);

export class NodeFile implements StorageFile {
  readonly #descriptor: number;
  readonly #closed: () => void;
  readonly #flush: () => Promise<void>;
  #isOpen = true;
  /** That run or wait for one that runs. */
  #flushesOpen = 0;

  constructor(descriptor: number, closed: () => void) {
    this.#descriptor = descriptor;
    this.#closed = closed;
    this.#flush = coalesced(() => this.#flushOnce());
  }

  size(): number {
    return guarded(() => fstatSync(this.#open()).size);
  }

  readAt(target: Uint8Array, position: number): number {
    return guarded(() => {
      let at = 0;
      while (at < target.length) {
        const count = readSync(this.#open(), target, at, target.length - at, position + at);
        if (count === 0) break;
        at += count;
      }
      return at;
    });
  }

  writeAt(source: Uint8Array, position: number): void {
    guarded(() => {
      for (let at = 0; at < source.length; ) {
        const count = writeSync(this.#open(), source, at, source.length - at, position + at);
        if (count === 0) throw new FileSyncError("storage_failed", { detail: "a write of no bytes" });
        at += count;
      }
    });
  }

  truncate(size: number): void {
    guarded(() => ftruncateSync(this.#open(), size));
  }

  async flush(): Promise<void> {
    this.#open();
    this.#flushesOpen++;
    try {
      await this.#flush();
    } finally {
      this.#flushesOpen--;
      if (!this.#isOpen && this.#flushesOpen === 0) close(this.#descriptor, () => {});
    }
  }

  /** A flush that runs or waits keeps the descriptor: its number could otherwise be another file's by then. */
  close(): void {
    const descriptor = this.#open();
    this.#isOpen = false;
    this.#closed();
    if (this.#flushesOpen === 0) guarded(() => closeSync(descriptor));
  }

  async #flushOnce(): Promise<void> {
    try {
      await fdatasyncAsync(this.#descriptor);
      // What is durable in a file without a name is lost all the same.
      if (fstatSync(this.#descriptor).nlink === 0) throw new FileSyncError("storage_gone");
    } catch (cause) {
      throw storageFailure(cause);
    }
  }

  #open(): number {
    assert(this.#isOpen, "a handle is used while it is open");
    return this.#descriptor;
  }
}
