/**
 * From sealed slices at rest back to the bytes that were attached. Tags are checked every time: what the disk did to
 * a slice since it was verified is found here, and no byte of it gets out.
 */
import { fail, ok, type Result } from "../base/result.ts";
import { plainBytesOf, sealedBytesOf } from "../base/sizes.ts";
import type { StorageFile } from "../base/storage.ts";
import { openSlices } from "../crypto/index.ts";
import { fileBatchSlices, sliceBytes } from "../limits.ts";

export interface OpenerOptions {
  readonly file: StorageFile;
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
  readonly fileBytes: number;
}

/** Plaintext bytes that one call gives at most. */
export const openBatchBytes: number = fileBatchSlices * sliceBytes;

export interface DamagedSlice {
  readonly damagedSlice: number;
}

/**
 * The bytes from `start` on, up to `end` or as many as one batch holds; freshly allocated. A damaged slice is named in
 * the second part of the answer, so that it can be fetched again.
 */
export function openBytes(options: OpenerOptions, start: number, end: number): Result<Uint8Array | DamagedSlice> {
  const first = Math.floor(start / sliceBytes);
  const last = Math.ceil(Math.min(end, options.fileBytes) / sliceBytes);
  const range = { start: first, count: Math.min(fileBatchSlices, last - first) };
  if (range.count <= 0) return fail("range_invalid");
  const sealed = new Uint8Array(sealedBytesOf(range.count));
  options.file.readAt(sealed, sealedBytesOf(first));
  const plain = new Uint8Array(range.count * sliceBytes);
  const { fileKey, noncePrefix } = options;
  const bad = openSlices({ sealed, fileKey, noncePrefix, firstSlice: first, plain });
  if (bad >= 0) return ok({ damagedSlice: first + bad });
  const whole = plain.subarray(0, plainBytesOf(range, options.fileBytes));
  const from = start - first * sliceBytes;
  return ok(whole.subarray(from, Math.min(whole.length, from + (end - start))));
}
