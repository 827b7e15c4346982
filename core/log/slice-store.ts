/**
 * Where the bytes are: `slices/<file id>` holds sealed slice n at byte n × 466, `leaves/<file id>` the file's shape, nonce
 * prefix and leaves. Both are addressed by position and need no index; deleting a file is one unlink.
 *
 * A slice that was never written reads as zeros, and no sealed slice is all zeros (its tag would have to be), so what is
 * there after a crash can be told from the bytes alone.
 */
import { column, layout } from "../codec/layout.ts";
import { constant, fixedBytes, restBytes, u64 } from "../codec/field.ts";
import { assert } from "../base/assert.ts";
import { fileShape, sealedBytesOf, sliceCountOf, type FileShape } from "../base/sizes.ts";
import { parseId, fileIdBytes, type FileId } from "../base/ids.ts";
import type { Storage, StorageFile } from "../base/storage.ts";
import { merkleRoot } from "../file/merkle.ts";
import { hashBytes, noncePrefixBytes, rememberedFilesMax, sliceCountMax, windowCountMax } from "../limits.ts";
import { fileIdOf } from "../../events/index.ts";

export const leavesFileLayout = layout("leaves_file", "at_rest_damaged", {
  version: column(constant(1), "format"),
  fileBytes: column(u64, "length of the plaintext"),
  noncePrefix: column(fixedBytes(noncePrefixBytes), "of every slice"),
  keyCommitment: column(fixedBytes(hashBytes), "keyed BLAKE2b-256 of the file key"),
  leaves: column(restBytes, "32 bytes a window in use"),
});

/** What proves a file's windows: checked against the file id, whoever it came from. */
export interface FileProof {
  readonly shape: FileShape;
  readonly fileBytes: number;
  readonly noncePrefix: Uint8Array;
  readonly keyCommitment: Uint8Array;
  readonly leaves: Uint8Array;
  /** Of the leaves. */
  readonly rootHash: Uint8Array;
}

/** The proof, when its parts do lead to the file id; undefined otherwise. */
export function checkProof(fileId: FileId, parts: Omit<FileProof, "shape" | "rootHash">): FileProof | undefined {
  const sliceCount = sliceCountOf(parts.fileBytes);
  if (sliceCount > sliceCountMax) return undefined;
  const shape = fileShape(sliceCount);
  if (parts.leaves.length !== shape.windowsInUse * hashBytes) return undefined;
  const { fileBytes, noncePrefix, keyCommitment, leaves } = parts;
  const rootHash = merkleRoot(leaves);
  if (fileIdOf({ fileBytes, noncePrefix, keyCommitment, rootHash }) !== fileId) return undefined;
  return { shape, fileBytes, noncePrefix, keyCommitment, leaves, rootHash };
}

/** No file has more leaves; what is longer is none of ours, and is not read into memory. */
const leavesFileBytesMax = 1 + 8 + noncePrefixBytes + hashBytes + windowCountMax * hashBytes;
/** Slice files open at one time; the longest unused is closed for the next. */
const openFilesMax = 64;
/** Bytes of proofs kept in memory: 32 of the largest, or those of thousands of small files that are served in turns. */
const proofBytesKeptMax = 32 * windowCountMax * hashBytes;
/** What a proof takes besides its leaves, about. */
const proofBytesEach = 512;

export class SliceStore {
  readonly #storage: Storage;
  readonly #open = new Map<FileId, StorageFile>();
  readonly #unflushedProofs = new Set<FileId>();
  /** Files that were made, and whose names nobody has flushed yet. */
  readonly #newNames = new Set<FileId>();
  /** Served lately, the longest unused first. */
  readonly #proofs = new Map<FileId, FileProof>();
  #proofBytes = 0;
  /** Names that were looked for in vain: what is wanted anew is looked for several times before it is made. */
  readonly #absent = new Set<string>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Files that have slices or leaves, on disk. */
  fileIds(): FileId[] {
    const names = ["slices/", "leaves/"].flatMap((folder) =>
      this.#storage.list(folder).map((name) => name.slice(folder.length)),
    );
    return [...new Set(names)].flatMap((name) => parseId<FileId>(name, fileIdBytes) ?? []);
  }

  /** The slice file; undefined when there is none and `create` is not set. */
  file(fileId: FileId, create: boolean): StorageFile | undefined {
    const open = this.#open.get(fileId);
    if (open !== undefined) {
      this.#open.delete(fileId);
      this.#open.set(fileId, open);
      return open;
    }
    const file = this.#openNamed(`slices/${fileId}`, fileId, create);
    if (file === undefined) return undefined;
    this.#open.set(fileId, file);
    this.#closeLongestUnused();
    return file;
  }

  write(fileId: FileId, firstSlice: number, sealed: Uint8Array): void {
    const file = this.file(fileId, true);
    assert(file !== undefined, "a slice file is made when it is written");
    file.writeAt(sealed, sealedBytesOf(firstSlice));
  }

  /** Fills `target` with slices from `firstSlice` on; what was never written is zeros. */
  read(fileId: FileId, firstSlice: number, target: Uint8Array): void {
    const got = this.file(fileId, false)?.readAt(target, sealedBytesOf(firstSlice)) ?? 0;
    target.fill(0, got);
  }

  /**
   * Resolves when slices and proof written before the call are durable, with their names. All at once: until then nothing
   * on record counts on any of them, so it does not matter which of them a loss of power takes.
   */
  flush(fileId: FileId): Promise<void> {
    const isNew = this.#newNames.delete(fileId);
    const hasProof = this.#unflushedProofs.delete(fileId);
    const slices = promiseOf(() => this.file(fileId, false)?.flush());
    const proof = promiseOf(() => (hasProof ? this.#flushProof(fileId) : undefined));
    const names = promiseOf(() => (isNew ? this.#storage.flushNames() : undefined));
    return Promise.allSettled([slices, proof, names]).then((ended) => {
      const failed = ended.find((end) => end.status === "rejected");
      if (failed === undefined) return;
      if (isNew) this.#newNames.add(fileId);
      if (hasProof) this.#unflushedProofs.add(fileId);
      throw failed.reason;
    });
  }

  /** A handle may be closed while its flush runs: so the name is free again at once. */
  #flushProof(fileId: FileId): Promise<void> | undefined {
    const file = this.#storage.open(`leaves/${fileId}`, { create: false });
    const flushed = file?.flush();
    file?.close();
    return flushed;
  }

  saveProof(fileId: FileId, proof: FileProof): void {
    const file = this.#openNamed(`leaves/${fileId}`, fileId, true);
    assert(file !== undefined, "a leaves file is made when it is written");
    try {
      file.truncate(0);
      file.writeAt(leavesFileLayout.encode({ ...proof, version: 1 }), 0);
    } finally {
      file.close();
    }
    this.#unflushedProofs.add(fileId);
  }

  /** Kept in memory, for files that are being served: `elsewhere` it is looked for first, then on disk. */
  proof(fileId: FileId, elsewhere: () => FileProof | undefined): FileProof | undefined {
    const proof = this.#proofs.get(fileId) ?? elsewhere() ?? this.loadProof(fileId);
    if (proof === undefined) return undefined;
    this.#forgetProof(fileId);
    this.#proofs.set(fileId, proof);
    this.#proofBytes += bytesKeptOf(proof);
    while (this.#proofBytes > proofBytesKeptMax) this.#forgetProof(this.#proofs.keys().next().value as FileId);
    return proof;
  }

  #forgetProof(fileId: FileId): void {
    const proof = this.#proofs.get(fileId);
    if (proof === undefined) return;
    this.#proofs.delete(fileId);
    this.#proofBytes -= bytesKeptOf(proof);
  }

  /** Undefined when there is none or what is there does not check out. */
  loadProof(fileId: FileId): FileProof | undefined {
    const file = this.#openNamed(`leaves/${fileId}`, fileId, false);
    if (file === undefined) return undefined;
    let bytes: Uint8Array;
    try {
      if (file.size() > leavesFileBytesMax) return undefined;
      bytes = new Uint8Array(file.size());
      file.readAt(bytes, 0);
    } finally {
      file.close();
    }
    const decoded = leavesFileLayout.decode(bytes);
    if (!decoded.ok) return undefined;
    return checkProof(fileId, decoded.value);
  }

  /** Gives back the space of a file. */
  remove(fileId: FileId): void {
    this.#close(fileId);
    this.#unflushedProofs.delete(fileId);
    this.#newNames.delete(fileId);
    this.#forgetProof(fileId);
    this.#storage.remove(`slices/${fileId}`);
    this.#storage.remove(`leaves/${fileId}`);
  }

  /** A place for slices whose file id is not known yet. */
  createAttaching(name: string): StorageFile {
    const file = this.#storage.open(`attaching/${name}`, { create: true });
    assert(file !== undefined, "an attaching file is made");
    return file;
  }

  removeAttaching(name: string): void {
    this.#storage.remove(`attaching/${name}`);
  }

  /** The slices of an attachment come to their place; its handle must be closed. `flush` makes them durable. */
  adoptAttaching(name: string, fileId: FileId, proof: FileProof): void {
    this.#close(fileId);
    this.saveProof(fileId, proof);
    this.#absent.delete(`slices/${fileId}`);
    this.#newNames.add(fileId);
    this.#storage.rename(`attaching/${name}`, `slices/${fileId}`);
  }

  /** What an attach that never ended left behind. */
  removeAbandoned(): void {
    for (const name of this.#storage.list("attaching/")) this.#storage.remove(name);
  }

  close(): void {
    for (const fileId of [...this.#open.keys()]) this.#close(fileId);
  }

  #close(fileId: FileId): void {
    this.#open.get(fileId)?.close();
    this.#open.delete(fileId);
  }

  /** Opens what is there; what is made instead has a name that a loss of power would take. */
  #openNamed(name: string, fileId: FileId, create: boolean): StorageFile | undefined {
    if (!this.#absent.has(name)) {
      const there = this.#storage.open(name, { create: false });
      if (there !== undefined) return there;
      if (this.#absent.size >= rememberedFilesMax) this.#absent.clear();
      this.#absent.add(name);
    }
    if (!create) return undefined;
    this.#absent.delete(name);
    this.#newNames.add(fileId);
    return this.#storage.open(name, { create: true });
  }

  /** Also one that is not flushed yet: a flush is of the file, whichever handle wrote to it. */
  #closeLongestUnused(): void {
    const [longestUnused] = this.#open.keys();
    if (this.#open.size > openFilesMax && longestUnused !== undefined) this.#close(longestUnused);
  }
}

const bytesKeptOf = ({ leaves }: FileProof): number => leaves.length + proofBytesEach;

/** What is thrown rejects instead: of two that are begun, both are awaited. */
const promiseOf = (begin: () => Promise<void> | undefined): Promise<void> => new Promise((resolve) => resolve(begin()));
