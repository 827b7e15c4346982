/**
 * Storage in memory: for tests, and for apps that want nothing to outlive the process. The provider is the disk: closed
 * and opened again it has the same files, which is how a restart is tested.
 */
import { assert } from "../base/assert.ts";
import type { Storage, StorageFile, StorageProvider } from "../base/storage.ts";
import { FileSyncError } from "../errors.ts";
import { OpenNames } from "./names.ts";
import { SparseBytes } from "./sparse-bytes.ts";

/** A store in memory: gone when the process ends. One provider is one store. */
export function memoryStorage(): StorageProvider {
  const files = new Map<string, SparseBytes>();
  let locked = false;
  return {
    durability: "memory",
    async open() {
      if (locked) throw new FileSyncError("storage_locked");
      locked = true;
      return new MemoryStorage(files, () => {
        locked = false;
      });
    },
  };
}

class MemoryStorage implements Storage {
  readonly #files: Map<string, SparseBytes>;
  readonly #unlock: () => void;
  readonly #openNames = new OpenNames();

  constructor(files: Map<string, SparseBytes>, unlock: () => void) {
    this.#files = files;
    this.#unlock = unlock;
  }

  open(name: string, { create }: { create: boolean }): StorageFile | undefined {
    this.#openNames.assertClosed(name);
    let bytes = this.#files.get(name);
    if (bytes === undefined) {
      if (!create) return undefined;
      bytes = new SparseBytes();
      this.#files.set(name, bytes);
    }
    this.#openNames.opened(name);
    return new MemoryFile(bytes, () => this.#openNames.closed(name));
  }

  list(prefix: string): string[] {
    return [...this.#files.keys()].filter((name) => name.startsWith(prefix));
  }

  remove(name: string): void {
    this.#openNames.assertClosed(name);
    this.#files.delete(name);
  }

  rename(from: string, to: string): void {
    this.#openNames.assertClosed(from);
    this.#openNames.assertClosed(to);
    const bytes = this.#files.get(from);
    assert(bytes !== undefined, "what is renamed exists");
    this.#files.delete(from);
    this.#files.set(to, bytes);
  }

  async flushNames(): Promise<void> {}

  close(): void {
    this.#openNames.assertNoneOpen();
    this.#unlock();
  }
}

class MemoryFile implements StorageFile {
  readonly #bytes: SparseBytes;
  readonly #closed: () => void;
  #isOpen = true;

  constructor(bytes: SparseBytes, closed: () => void) {
    this.#bytes = bytes;
    this.#closed = closed;
  }

  size(): number {
    return this.#open().size;
  }

  readAt(target: Uint8Array, position: number): number {
    return this.#open().read(target, position);
  }

  writeAt(source: Uint8Array, position: number): void {
    this.#open().write(source, position);
  }

  truncate(size: number): void {
    this.#open().truncate(size);
  }

  async flush(): Promise<void> {
    this.#open();
  }

  close(): void {
    this.#closed();
    this.#isOpen = false;
  }

  #open(): SparseBytes {
    assert(this.#isOpen, "a handle is used while it is open");
    return this.#bytes;
  }
}
