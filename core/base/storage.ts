/**
 * The seam to storage: what the log needs of a file system, synchronous so that the engine has no await and the
 * simulator is exact. Drivers are in core/storage; each passes the conformance suite there.
 *
 * Every method may throw a FileSyncError whose code begins with `storage_`; nothing else.
 */
export interface Storage {
  /**
   * Opens for reading and writing, made when absent and `create` is set; undefined when absent and it is not.
   * A name is open at most once at a time: that is all that browsers allow.
   */
  open(name: string, options: { create: boolean }): StorageFile | undefined;
  /** Names of the files whose name begins with `prefix`, in no particular order. */
  list(prefix: string): string[];
  /** Gone after this; nothing happens when it is absent. No handle to it may be open. */
  remove(name: string): void;
  /** Atomic; replaces `to` when it exists. No handle to either may be open. */
  rename(from: string, to: string): void;
  /** Resolves when names created, removed and renamed before the call are durable; `flush` alone need not keep a new name. */
  flushNames(): Promise<void>;
  /** Gives back the lock. Every handle was closed before. */
  close(): void;
}

/** Names are ours: `[a-z0-9._-]` parts joined by `/`, never from a peer or a user. */
export interface StorageFile {
  /** Bytes. */
  size(): number;
  /** Fills `target` from `position` on; returns how many bytes there were (fewer at the end of the file). */
  readAt(target: Uint8Array, position: number): number;
  /** Writes all of `source`; a gap between the old end and `position` reads as zeros. */
  writeAt(source: Uint8Array, position: number): void;
  truncate(size: number): void;
  /** Resolves when everything written before the call is durable. The only thing that may be awaited, by the host only. */
  flush(): Promise<void>;
  close(): void;
}

/** What `openFileSync({ storage })` takes: opening takes the lock of the store (`storage_locked` when another has it). */
export interface StorageProvider {
  open(): Promise<Storage>;
  /** `memory` is gone when the process ends; an app may want to say so. */
  readonly durability: "memory" | "disk";
}
