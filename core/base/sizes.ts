/**
 * The formulas that turn a number of bytes into slices and windows (FOCUSED_FILE_SYNC.md, section 3). Both ends compute
 * them; nothing of it is negotiated.
 */
import { sealedSliceBytes, sliceBytes, windowCountMax, windowSlicesTarget } from "../limits.ts";
import type { Range } from "./slice-set.ts";

/** Slices of a file of that many bytes; the empty file has none. */
export const sliceCountOf = (fileBytes: number): number => Math.ceil(fileBytes / sliceBytes);

/** The shape of a file: how its slices fall into windows. */
export interface FileShape {
  readonly sliceCount: number;
  /** What the formula gives, a power of two up to 4,096: it is on the wire. */
  readonly windowCount: number;
  readonly slicesPerWindow: number;
  /** Windows that hold a slice; the last of the count may hold none. One for each leaf. */
  readonly windowsInUse: number;
}

export function fileShape(sliceCount: number): FileShape {
  const windowCount = windowCountOf(sliceCount);
  const slicesPerWindow = Math.max(1, Math.ceil(sliceCount / windowCount));
  return { sliceCount, windowCount, slicesPerWindow, windowsInUse: Math.ceil(sliceCount / slicesPerWindow) };
}

/** clamp(2^ceil(log2(ceil(sliceCount / 100))), 1, 4096), in whole numbers. */
function windowCountOf(sliceCount: number): number {
  const wanted = Math.ceil(sliceCount / windowSlicesTarget);
  let windowCount = 1;
  while (windowCount < wanted && windowCount < windowCountMax) windowCount *= 2;
  return windowCount;
}

/** The slices of a window, or of several in a row: all windows but the last in use are equally long. */
export function windowRange(shape: FileShape, window: number, windows = 1): Range {
  const start = window * shape.slicesPerWindow;
  return { start, count: Math.max(0, Math.min(windows * shape.slicesPerWindow, shape.sliceCount - start)) };
}

export const windowOf = (shape: FileShape, slice: number): number => Math.floor(slice / shape.slicesPerWindow);

/** Where slice n is in the slice file, and how long so many slices are. */
export const sealedBytesOf = (slices: number): number => slices * sealedSliceBytes;

/** Plaintext bytes that a run of slices carries: the last slice of a file is padded. */
export function plainBytesOf(range: Range, fileBytes: number): number {
  const end = Math.min(fileBytes, (range.start + range.count) * sliceBytes);
  return Math.max(0, end - range.start * sliceBytes);
}
