/** What two threads that seal one file share: its keys, and room for a few runs of windows. */
import { sealedBytesOf } from "../base/sizes.ts";
import type { WindowsToSeal } from "../file/seal-windows.ts";
import { fileKeyBytes, hashBytes, noncePrefixBytes, sliceBytes } from "../limits.ts";

export interface SealingMemory {
  /** File key, nonce prefix. */
  readonly secrets: SharedArrayBuffer;
  /** Each: plaintext, sealed slices, leaves. */
  readonly slots: readonly SharedArrayBuffer[];
  readonly slicesPerWindow: number;
  readonly slicesPerBatch: number;
}

/** A message to the thread; it answers with the slot when it is done. */
export interface SealingTask {
  readonly slot: number;
  readonly firstSlice: number;
  readonly slices: number;
}

/** The thread's first message. */
export const ready = "ready";

export interface SealingKeys {
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
}

export interface SealingShape {
  readonly slicesPerWindow: number;
  /** A multiple of the former. */
  readonly slicesPerBatch: number;
}

export function sealingMemory(keys: SealingKeys, shape: SealingShape, slotCount: number): SealingMemory {
  const { slicesPerWindow, slicesPerBatch } = shape;
  const secrets = new SharedArrayBuffer(fileKeyBytes + noncePrefixBytes);
  new Uint8Array(secrets).set(keys.fileKey);
  new Uint8Array(secrets).set(keys.noncePrefix, fileKeyBytes);
  const leafBytes = (slicesPerBatch / slicesPerWindow) * hashBytes;
  const slotBytes = slicesPerBatch * sliceBytes + sealedBytesOf(slicesPerBatch) + leafBytes;
  const slots = Array.from({ length: slotCount }, () => new SharedArrayBuffer(slotBytes));
  return { secrets, slots, slicesPerWindow, slicesPerBatch };
}

/** The part of the memory that a task is about. */
export function batchOf(memory: SealingMemory, { slot, firstSlice, slices }: SealingTask): WindowsToSeal {
  const { slicesPerWindow, slicesPerBatch, secrets } = memory;
  const buffer = memory.slots[slot] as SharedArrayBuffer;
  const sealedAt = slicesPerBatch * sliceBytes;
  const leavesAt = sealedAt + sealedBytesOf(slicesPerBatch);
  return {
    fileKey: new Uint8Array(secrets, 0, fileKeyBytes),
    noncePrefix: new Uint8Array(secrets, fileKeyBytes),
    firstSlice,
    slicesPerWindow,
    plain: new Uint8Array(buffer, 0, slices * sliceBytes),
    sealed: new Uint8Array(buffer, sealedAt, sealedBytesOf(slices)),
    leaves: new Uint8Array(buffer, leavesAt, Math.ceil(slices / slicesPerWindow) * hashBytes),
  };
}

export function wipeMemory({ secrets, slots }: SealingMemory): void {
  new Uint8Array(secrets).fill(0);
  for (const slot of slots) new Uint8Array(slot).fill(0);
}
