/**
 * From the store back to a Download, after a restart or when a want begins anew. Windows on record as proved are
 * believed; whatever else is in the slice file is looked at: a window that matches its leaf is proved, other slices
 * are kept as provisional where their tags match.
 *
 * So a process that was killed loses nothing that reached the operating system, recorded or not.
 */
import { bytesEqual } from "../base/bytes.ts";
import type { EpochMs } from "../base/ids.ts";
import { sealedBytesOf, windowRange } from "../base/sizes.ts";
import { checkSlices, hashLeaf } from "../crypto/index.ts";
import { hashWindowAtRest } from "../file/sealer.ts";
import { hashBytes, requestSlicesMax, sealedSliceBytes } from "../limits.ts";
import { descriptorProof } from "../log/descriptor-proof.ts";
import type { AttachmentRow } from "../../schema/index.ts";
import type { Context } from "./context.ts";
import type { Download } from "./download.ts";
import { finishWhenWhole } from "./finish.ts";

export function restoreDownload(context: Context, download: Download, now: EpochMs): void {
  const { log } = context;
  const descriptor = log.descriptor(download.fileId);
  if (descriptor !== undefined) learnDescriptor(download, descriptor);
  const proof = download.proof === undefined ? log.slices.loadProof(download.fileId) : undefined;
  if (proof !== undefined && download.agrees(proof)) download.learnProof(proof);
  if (download.shape !== undefined) {
    restoreProved(context, download);
    restoreSlices(context, download, now);
  }
  finishWhenWhole(context, download);
}

/** What a descriptor tells of a file; of a file with one window or none, it tells everything. */
export function learnDescriptor(download: Download, row: AttachmentRow): void {
  download.learnLength(row.fileBytes);
  download.learnKey(row.fileKey, row.noncePrefix, row.rootHash);
  if (download.proof !== undefined && !download.agrees(download.proof)) download.forgetProof();
  const proof = download.proof === undefined ? descriptorProof(row) : undefined;
  if (proof !== undefined) download.learnProof(proof);
}

function restoreProved(context: Context, download: Download): void {
  if (download.proof === undefined) return;
  for (const { start, count } of context.log.queries.provedWindows(download.fileId)) {
    for (let window = start; window < start + count && window < download.proved.length; window++)
      download.setProved(window);
  }
}

function restoreSlices(context: Context, download: Download, now: EpochMs): void {
  const { shape, fileId } = download;
  const size = context.log.slices.file(fileId, false)?.size() ?? 0;
  if (shape === undefined || size === 0) return;
  const windowsThere = Math.min(shape.windowsInUse, Math.ceil(size / sealedBytesOf(shape.slicesPerWindow)));
  for (
    let window = download.proved.nextMissing(0);
    window < windowsThere;
    window = download.proved.nextMissing(window + 1)
  ) {
    restoreWindow(context, download, window, now);
  }
}

function restoreWindow(context: Context, download: Download, window: number, now: EpochMs): void {
  const { shape, fileId, proof } = download;
  if (shape === undefined) return;
  const range = windowRange(shape, window);
  const leaf = proof?.leaves.subarray(window * hashBytes, (window + 1) * hashBytes);
  for (let done = 0; done < range.count; done += requestSlicesMax) {
    const part = { start: range.start + done, count: Math.min(requestSlicesMax, range.count - done) };
    const sealed = new Uint8Array(sealedBytesOf(part.count));
    context.log.slices.read(fileId, part.start, sealed);
    const present = presentSlices(sealed, part.count);
    if (present.length === 0) continue;
    if (leaf !== undefined && present.length === range.count && bytesEqual(hashLeaf(sealed), leaf)) {
      return proveAgain(download, window, now);
    }
    holdSound(download, window, part.start, sealed, present, range.start);
  }
  const file = context.log.slices.file(fileId, false);
  const isWhole = download.partial.get(window)?.held.isFull ?? false;
  if (!isWhole || leaf === undefined || file === undefined) return;
  if (bytesEqual(hashWindowAtRest(file, shape, window), leaf)) return proveAgain(download, window, now);
  // Whole and wrong: its tags are those of a member who has the key. Kept, it would be asked for and never missed.
  download.dropPartial(window);
  download.suspect.add(window);
}

function proveAgain(download: Download, window: number, now: EpochMs): void {
  download.setProved(window);
  download.unrecorded.add(window);
  download.unrecordedSinceMs ??= now;
}

/** A slice that was never written reads as zeros. */
function presentSlices(sealed: Uint8Array, count: number): number[] {
  const words = new Uint16Array(sealed.buffer, sealed.byteOffset, sealed.length / 2);
  const wordsPerSlice = sealedSliceBytes / 2;
  const present: number[] = [];
  for (let i = 0; i < count; i++) {
    const end = (i + 1) * wordsPerSlice;
    let at = i * wordsPerSlice;
    while (at < end && words[at] === 0) at++;
    if (at < end) present.push(i);
  }
  return present;
}

function holdSound(
  download: Download,
  window: number,
  firstSlice: number,
  sealed: Uint8Array,
  present: readonly number[],
  windowStart: number,
): void {
  const torn = new Set(download.key === undefined ? [] : checkSlices({ ...download.key, sealed, firstSlice }));
  const sound = present.filter((i) => !torn.has(i));
  if (sound.length === 0) return;
  const partial = download.partialOf(window);
  partial.sources.add("disk");
  for (const i of sound) if (partial.held.add(firstSlice + i - windowStart)) download.countProvisional(1);
}
