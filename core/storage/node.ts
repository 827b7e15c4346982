/**
 * Storage in a folder of Node's file system. The folder is made when absent, for its owner only. Its calls are
 * synchronous: a few microseconds each in the system's cache, and the engine needs no await; docs/decisions/0003-storage.md.
 */
import {
  close,
  closeSync,
  constants,
  existsSync,
  fsync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import type { Dirent } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Storage, StorageFile, StorageProvider } from "../base/storage.ts";
import { FileSyncError } from "../errors.ts";
import { removedAtOnceBytesMax } from "../limits.ts";
import { coalesced } from "./coalesce.ts";
import { isStorageName, OpenNames } from "./names.ts";
import { guarded, storageFailure, systemCode } from "./node-errors.ts";
import { NodeFile } from "./node-file.ts";
import { takeLock, type StoreLock } from "./node-lock.ts";

const fsyncAsync = promisify(fsync);
const readWithoutLink = constants.O_RDONLY | constants.O_NOFOLLOW;
const folderMode = 0o700;
const fileMode = 0o600;

/** A store in the folder at `path`. On a disk of this machine: locks of processes elsewhere are not seen. */
export function nodeStorage(path: string): StorageProvider {
  return {
    durability: "disk",
    async open() {
      try {
        const firstMade = mkdirSync(path, { recursive: true, mode: folderMode });
        const folder = realpathSync(path);
        const unflushed = firstMade === undefined ? [] : foldersDownTo(dirname(resolve(firstMade)), resolve(path));
        return new NodeStorage(folder, await takeLock(folder), unflushed);
      } catch (cause) {
        throw storageFailure(cause);
      }
    },
  };
}

function foldersDownTo(first: string, last: string): string[] {
  const folders: string[] = [];
  for (let folder = last; folder.length >= first.length && folder !== dirname(folder); folder = dirname(folder)) {
    folders.push(folder);
  }
  return folders;
}

class NodeStorage implements Storage {
  readonly #folder: string;
  readonly #lock: StoreLock;
  readonly #openNames = new OpenNames();
  /** Folders whose names changed since they were flushed. */
  readonly #unflushed: Set<string>;
  /** Folders below ours that were there or were made. */
  readonly #made = new Set<string>();
  readonly #flushNames = coalesced(() => this.#flushNamesOnce());

  constructor(folder: string, lock: StoreLock, unflushed: readonly string[]) {
    this.#folder = folder;
    this.#lock = lock;
    this.#unflushed = new Set(unflushed);
  }

  open(name: string, { create }: { create: boolean }): StorageFile | undefined {
    this.#openNames.assertClosed(name);
    const descriptor = guarded(() => this.#descriptor(name, create));
    if (descriptor === undefined) return undefined;
    this.#openNames.opened(name);
    return new NodeFile(descriptor, () => this.#openNames.closed(name));
  }

  list(prefix: string): string[] {
    const slash = prefix.lastIndexOf("/") + 1;
    return guarded(() => this.#namesIn(prefix.slice(0, slash))).filter((name) => name.startsWith(prefix));
  }

  remove(name: string): void {
    this.#openNames.assertClosed(name);
    guarded(() => removeName(this.#path(name)));
    this.#unflushed.add(dirname(this.#path(name)));
  }

  rename(from: string, to: string): void {
    this.#openNames.assertClosed(from);
    this.#openNames.assertClosed(to);
    guarded(() => {
      this.#makeFolderOf(to);
      renameSync(this.#path(from), this.#path(to));
    });
    this.#unflushed.add(dirname(this.#path(from))).add(dirname(this.#path(to)));
  }

  flushNames(): Promise<void> {
    return this.#flushNames();
  }

  close(): void {
    this.#openNames.assertNoneOpen();
    this.#lock.release();
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  /**
   * Undefined when there is no such file; a folder that is gone is told apart from that. A link in a file's place is not
   * followed: it could lead out of the store (G-8). Looked for before it is opened: most that are new are looked for in
   * vain, and an error thrown takes ten times as long as an answer.
   */
  #descriptor(name: string, create: boolean): number | undefined {
    const path = this.#path(name);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
      return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    if (create) return this.#created(name, path);
    if (!existsSync(this.#folder)) throw new FileSyncError("storage_gone");
    return undefined;
  }

  #created(name: string, path: string): number {
    this.#makeFolderOf(name);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, fileMode);
    this.#unflushed.add(dirname(path));
    return descriptor;
  }

  /** Part by part and not above our folder: a store that was removed does not come back empty. */
  #makeFolderOf(name: string): void {
    const parts = name.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = join(this.#folder, ...parts.slice(0, depth));
      if (this.#made.has(folder)) continue;
      try {
        mkdirSync(folder, { mode: folderMode });
        this.#unflushed.add(dirname(folder));
      } catch (error) {
        if (systemCode(error) !== "EEXIST") throw error;
      }
      this.#made.add(folder);
    }
  }

  /** Names of ours only: what else lies there (a file manager's, a lost+found) is not touched. */
  #namesIn(folder: string): string[] {
    return this.#entries(folder).flatMap((entry) => {
      const name = folder + entry.name;
      if (!isStorageName(name)) return [];
      return entry.isDirectory() ? this.#namesIn(`${name}/`) : [name];
    });
  }

  #entries(folder: string): Dirent[] {
    try {
      return readdirSync(this.#path(folder), { withFileTypes: true });
    } catch (error) {
      if (systemCode(error) === "ENOENT" && existsSync(this.#folder)) return [];
      throw error;
    }
  }

  async #flushNamesOnce(): Promise<void> {
    const folders = [...this.#unflushed];
    this.#unflushed.clear();
    await Promise.all(folders.map(flushFolder));
  }
}

/**
 * The name goes at once. To give back what a large file takes can hold a system for a tenth of a second: it does so when
 * the last descriptor is closed, which is done by another thread.
 */
function removeName(path: string): void {
  const large = (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) > removedAtOnceBytesMax;
  const descriptor = large && process.platform !== "win32" ? openSync(path, readWithoutLink) : undefined;
  try {
    rmSync(path, { force: true });
  } finally {
    if (descriptor !== undefined) close(descriptor, () => {});
  }
}

async function flushFolder(folder: string): Promise<void> {
  // Windows opens no folders; its file system keeps names in order by itself.
  if (process.platform === "win32") return;
  try {
    const descriptor = openSync(folder, "r");
    try {
      await fsyncAsync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    // Some file systems know no flush of folders, and parents of ours may not be ours to open.
    if (["EINVAL", "ENOTSUP", "EACCES", "EPERM"].includes(systemCode(cause))) return;
    throw storageFailure(cause);
  }
}
