/**
 * From a stream of bytes to sealed slices, leaves and ids, in bounded memory. Bytes are collected until a batch of
 * slices is whole, sealed in one go and written at their place. When the length is known beforehand, each window is
 * hashed as it is sealed; otherwise the windows' shape is only known at the end, and the sealed slices are read back
 * once to be hashed.
 *
 * The caller awaits the source; nothing here does. A helper, if there is one, seals runs of whole windows beside it: they
 * come back in any order, and each is written at its place.
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
import { sealWindows } from "./seal-windows.ts";

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
  /** Only when the length is known. */
  readonly helper?: SealingHelper | undefined;
}

interface Batch {
  readonly plain: Uint8Array;
  readonly firstSlice: number;
  readonly slices: number;
}

/** Slices that begin with a window, and end with one or with the file. */
export interface SealingBatch extends Batch {
  readonly done: (batch: SealedBatch) => void;
}

export interface SealedBatch {
  readonly sealed: Uint8Array;
  /** Of its windows. */
  readonly leaves: Uint8Array;
}

/** Somebody who seals with the same key at the same time. */
export interface SealingHelper {
  /** A multiple of the slices of a window. */
  readonly slicesPerBatch: number;
  /** Whether it takes the batch; then `plain` is the caller's again, and `done` is called later, once. */
  offer(batch: SealingBatch): boolean;
}

export class FileSealer {
  readonly #options: SealerOptions;
  readonly #shape: FileShape | undefined;
  readonly #plain: Uint8Array;
  readonly #sealed: Uint8Array;
  /** Of the windows that are sealed; undefined while nobody knows the windows. */
  readonly #leaves: Uint8Array | undefined;
  /** Who hashes what is sealed in order, without a helper. */
  readonly #collector: LeafCollector | undefined;
  /** Batches that are not written yet. */
  #batchesOpen = 0;
  #settled: () => void = () => {};
  /** What writing a batch threw, for whoever calls next. */
  #failure: { readonly thrown: unknown } | undefined;
  #plainUsed = 0;
  #slicesSealed = 0;
  #bytesTaken = 0;

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#shape = options.fileBytes === undefined ? undefined : fileShape(sliceCountOf(options.fileBytes));
    const shape = this.#shape;
    const alone = Math.min(fileBatchSlices, shape?.slicesPerWindow ?? fileBatchSlices);
    const batch = options.helper?.slicesPerBatch ?? alone;
    this.#plain = new Uint8Array(batch * sliceBytes);
    this.#sealed = new Uint8Array(batch * sealedSliceBytes);
    if (shape === undefined) return;
    this.#leaves = new Uint8Array(shape.windowsInUse * hashBytes);
    if (options.helper === undefined) this.#collector = new LeafCollector(shape, this.#leaves);
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
    this.#throwFailure();
    return ok(undefined);
  }

  /** `then` is called when the helper has nothing left, now or later; `finish` comes after that. */
  settle(then: () => void): void {
    if (this.#batchesOpen === 0) then();
    else this.#settled = then;
  }

  finish(): Result<SealedFile> {
    const { target, noncePrefix, fileBytes, fileKey } = this.#options;
    assert(this.#batchesOpen === 0, "all that was handed over is back");
    if (fileBytes !== undefined && this.#bytesTaken < fileBytes) {
      return fail("source_ended_early", { detail: `${this.#bytesTaken} of ${fileBytes} bytes` });
    }
    if (this.#plainUsed > 0) this.#sealAlone(this.#takeBatch());
    this.#throwFailure();
    const shape = fileShape(sliceCountOf(this.#bytesTaken));
    assert(this.#collector?.isDone ?? true, "every window was hashed");
    const leaves = this.#leaves ?? hashAllWindows(target, shape);
    const rootHash = merkleRoot(leaves);
    const keyCommitment = keyCommitmentOf(fileKey);
    const fileId = fileIdOf({ rootHash, noncePrefix, keyCommitment, fileBytes: this.#bytesTaken });
    return ok({ fileId, rootHash, leaves, fileBytes: this.#bytesTaken, keyCommitment, shape });
  }

  /** At the end, whatever it was: the plaintext that is left. */
  wipe(): void {
    this.#plain.fill(0);
  }

  #sealBatch(): void {
    const { helper } = this.#options;
    const batch = this.#takeBatch();
    if (helper === undefined) return this.#sealAlone(batch);
    const isTaken = helper.offer({
      ...batch,
      done: (sealed) => {
        this.#put(batch.firstSlice, sealed);
        if (--this.#batchesOpen === 0) this.#settled();
      },
    });
    if (isTaken) this.#batchesOpen++;
    else this.#sealAlone(batch);
  }

  #takeBatch(): Batch {
    const slices = Math.ceil(this.#plainUsed / sliceBytes);
    const plain = this.#plain.subarray(0, slices * sliceBytes);
    plain.fill(0, this.#plainUsed);
    const firstSlice = this.#slicesSealed;
    this.#slicesSealed += slices;
    this.#plainUsed = 0;
    return { plain, firstSlice, slices };
  }

  #sealAlone({ plain, firstSlice, slices }: Batch): void {
    const { target, fileKey, noncePrefix, helper } = this.#options;
    const sealed = this.#sealed.subarray(0, slices * sealedSliceBytes);
    const run = { plain, fileKey, noncePrefix, firstSlice, sealed };
    if (helper === undefined) {
      sealSlices(run);
      target.writeAt(sealed, sealedBytesOf(firstSlice));
      this.#collector?.push(sealed);
      return;
    }
    const { slicesPerWindow } = this.#shape as FileShape;
    const leaves = new Uint8Array(Math.ceil(slices / slicesPerWindow) * hashBytes);
    sealWindows({ ...run, slicesPerWindow, leaves });
    this.#put(firstSlice, { sealed, leaves });
  }

  #put(firstSlice: number, { sealed, leaves }: SealedBatch): void {
    const { slicesPerWindow } = this.#shape as FileShape;
    this.#leaves?.set(leaves, (firstSlice / slicesPerWindow) * hashBytes);
    try {
      this.#options.target.writeAt(sealed, sealedBytesOf(firstSlice));
    } catch (thrown) {
      this.#failure ??= { thrown };
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }
}

/** Cuts a run of sealed slices, from the first on, into windows and hashes each. */
class LeafCollector {
  readonly #shape: FileShape;
  readonly #leaves: Uint8Array;
  #window = 0;
  #hasher: LeafHasher | undefined;
  #slicesOfWindow = 0;

  constructor(shape: FileShape, leaves: Uint8Array) {
    this.#shape = shape;
    this.#leaves = leaves;
  }

  get isDone(): boolean {
    return this.#window === this.#shape.windowsInUse;
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
