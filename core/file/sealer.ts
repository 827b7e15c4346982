/**
 * From a stream of bytes to sealed slices, leaves and ids, in bounded memory. Bytes are collected until a batch of
 * slices is whole, sealed in one go and written at their place. When the length is known beforehand, each window is
 * hashed as it is sealed; otherwise the windows' shape is only known at the end, and the sealed slices are read back
 * once to be hashed.
 *
 * The caller awaits the source; nothing here does.
 */
import { assert } from "../base/assert.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { fileShape, sealedBytesOf, sliceCountOf, windowRange, type FileShape } from "../base/sizes.ts";
import type { FileId } from "../base/ids.ts";
import type { StorageFile } from "../base/storage.ts";
import { hashLeaf, LeafHasher, sealSlices } from "../crypto/index.ts";
import { hashBytes, sealedSliceBytes, fileBatchSlices, sliceBytes, sliceCountMax } from "../limits.ts";
import { fileIdOf, keyCommitmentOf } from "../../events/index.ts";
import { merkleRoot } from "./merkle.ts";

export interface SealedFile {
  readonly fileId: FileId;
  readonly rootHash: Uint8Array;
  readonly leaves: Uint8Array;
  readonly fileBytes: number;
  readonly keyCommitment: Uint8Array;
  readonly shape: FileShape;
}

/** Read back only when the length was not known. */
export type SealerTarget = Pick<StorageFile, "writeAt" | "readAt">;

export interface SealerOptions {
  readonly target: SealerTarget;
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
  /** Bytes that the source will give, when that is known. */
  readonly fileBytes: number | undefined;
}

export class FileSealer {
  readonly #options: SealerOptions;
  readonly #shape: FileShape | undefined;
  readonly #plain: Uint8Array;
  readonly #sealed: Uint8Array;
  readonly #leaves: LeafCollector | undefined;
  #plainUsed = 0;
  #slicesSealed = 0;
  #bytesTaken = 0;

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#shape = options.fileBytes === undefined ? undefined : fileShape(sliceCountOf(options.fileBytes));
    const batch = Math.min(fileBatchSlices, this.#shape?.slicesPerWindow ?? fileBatchSlices);
    this.#plain = new Uint8Array(batch * sliceBytes);
    this.#sealed = new Uint8Array(batch * sealedSliceBytes);
    this.#leaves = this.#shape === undefined ? undefined : new LeafCollector(this.#shape);
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  push(chunk: Uint8Array): Result<void> {
    const { fileBytes } = this.#options;
    this.#bytesTaken += chunk.length;
    if (fileBytes !== undefined && this.#bytesTaken > fileBytes)
      return fail("source_too_long", { detail: `over ${fileBytes} bytes` });
    if (sliceCountOf(this.#bytesTaken) > sliceCountMax) return fail("file_too_large");
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, this.#plain.length - this.#plainUsed);
      this.#plain.set(chunk.subarray(at, at + taken), this.#plainUsed);
      this.#plainUsed += taken;
      at += taken;
      if (this.#plainUsed === this.#plain.length) this.#sealBatch();
    }
    return ok(undefined);
  }

  finish(): Result<SealedFile> {
    const { target, noncePrefix, fileBytes, fileKey } = this.#options;
    if (fileBytes !== undefined && this.#bytesTaken < fileBytes) {
      return fail("source_ended_early", { detail: `${this.#bytesTaken} of ${fileBytes} bytes` });
    }
    if (this.#plainUsed > 0) this.#sealBatch();
    this.#plain.fill(0);
    const shape = fileShape(sliceCountOf(this.#bytesTaken));
    const leaves = this.#leaves?.finish() ?? hashAllWindows(target, shape);
    const rootHash = merkleRoot(leaves);
    const keyCommitment = keyCommitmentOf(fileKey);
    const fileId = fileIdOf({ rootHash, noncePrefix, keyCommitment, fileBytes: this.#bytesTaken });
    return ok({ fileId, rootHash, leaves, fileBytes: this.#bytesTaken, keyCommitment, shape });
  }

  #sealBatch(): void {
    const { target, fileKey, noncePrefix } = this.#options;
    const count = Math.ceil(this.#plainUsed / sliceBytes);
    const plain = this.#plain.subarray(0, count * sliceBytes);
    plain.fill(0, this.#plainUsed);
    const sealed = this.#sealed.subarray(0, count * sealedSliceBytes);
    sealSlices({ plain, fileKey, noncePrefix, firstSlice: this.#slicesSealed, sealed });
    target.writeAt(sealed, sealedBytesOf(this.#slicesSealed));
    this.#leaves?.push(sealed);
    this.#slicesSealed += count;
    this.#plainUsed = 0;
  }
}

/** Cuts a run of sealed slices, from the first on, into windows and hashes each. */
class LeafCollector {
  readonly #shape: FileShape;
  readonly #leaves: Uint8Array;
  #window = 0;
  #hasher: LeafHasher | undefined;
  #slicesOfWindow = 0;

  constructor(shape: FileShape) {
    this.#shape = shape;
    this.#leaves = new Uint8Array(shape.windowsInUse * hashBytes);
  }

  push(sealed: Uint8Array): void {
    for (let at = 0; at < sealed.length; ) {
      const windowSlices = windowRange(this.#shape, this.#window).count;
      const count = Math.min(sealed.length - at, sealedBytesOf(windowSlices - this.#slicesOfWindow));
      const part = sealed.subarray(at, at + count);
      at += count;
      if (count === sealedBytesOf(windowSlices)) {
        this.#put(hashLeaf(part));
        continue;
      }
      this.#hasher ??= new LeafHasher();
      this.#hasher.update(part);
      this.#slicesOfWindow += count / sealedSliceBytes;
      if (this.#slicesOfWindow === windowSlices) {
        this.#put(this.#hasher.digest());
        this.#hasher = undefined;
        this.#slicesOfWindow = 0;
      }
    }
  }

  finish(): Uint8Array {
    assert(this.#window === this.#shape.windowsInUse, "every window was hashed");
    return this.#leaves;
  }

  #put(leaf: Uint8Array): void {
    this.#leaves.set(leaf, this.#window * hashBytes);
    this.#window++;
  }
}

/** The leaf of a window at rest, read in bounded pieces. */
export function hashWindowAtRest(file: Pick<StorageFile, "readAt">, shape: FileShape, window: number): Uint8Array {
  const { start, count } = windowRange(shape, window);
  const hasher = new LeafHasher();
  const piece = new Uint8Array(sealedBytesOf(Math.min(count, fileBatchSlices)));
  for (let done = 0; done < count; done += fileBatchSlices) {
    const part = piece.subarray(0, sealedBytesOf(Math.min(fileBatchSlices, count - done)));
    part.fill(0);
    file.readAt(part, sealedBytesOf(start + done));
    hasher.update(part);
  }
  return hasher.digest();
}

function hashAllWindows(file: Pick<StorageFile, "readAt">, shape: FileShape): Uint8Array {
  const leaves = new Uint8Array(shape.windowsInUse * hashBytes);
  for (let window = 0; window < shape.windowsInUse; window++) {
    leaves.set(hashWindowAtRest(file, shape, window), window * hashBytes);
  }
  return leaves;
}
