/**
 * What becomes of the slices of one window. A whole window is hashed: one hash vouches for all its slices, against
 * strangers and against members who have the key. Of one that is not whole yet each slice's tag is checked, and what is
 * good is kept as provisional. Where something is wrong, who sent it is named as far as that can be told.
 */
import { bytesEqual } from "../base/bytes.ts";
import type { EpochMs } from "../base/ids.ts";
import { sealedBytesOf, windowRange, type FileShape } from "../base/sizes.ts";
import type { Range } from "../base/slice-set.ts";
import { checkSlices, hashLeaf } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { hashWindowAtRest } from "../file/sealer.ts";
import { hashBytes, requestSlicesMax, sealedSliceBytes } from "../limits.ts";
import { refuse, type Context } from "./context.ts";
import type { Download, PartialWindow } from "./download.ts";
import type { Peer, Piece } from "./peer.ts";
import type { FileProof } from "../log/slice-store.ts";

/** What an answer brought of one window. */
export interface Answered {
  readonly peer: Peer;
  readonly window: number;
  readonly round: number;
  /** In the order in which they came; none of them here before, none twice. */
  readonly pieces: readonly Piece[];
}

export function judge(context: Context, download: Download, shape: FileShape, answered: Answered, now: EpochMs): void {
  const { window, pieces } = answered;
  const range = windowRange(shape, window);
  const missing = download.missingIn({ window, windows: 1 });
  if (slicesIn(pieces) < missing || download.proof === undefined || range.count > requestSlicesMax) {
    keepProvisional(context, download, answered, range.start);
    return proveAtRest(context, download, window, now);
  }
  const sealed =
    missing === range.count && isInOrder(pieces)
      ? pieces.map((piece) => piece.sealed)
      : [assemble(context, download, window, range, pieces)];
  if (matchesLeaf(download, window, ...sealed)) {
    for (const piece of pieces) context.log.slices.write(download.fileId, piece.start, piece.sealed);
    return prove(download, window, now);
  }
  blame(context, download, answered, range);
}

const slicesIn = (pieces: readonly Piece[]): number =>
  pieces.reduce((count, { sealed }) => count + sealed.length / sealedSliceBytes, 0);

const isInOrder = (pieces: readonly Piece[]): boolean =>
  pieces.every((piece, i) => i === 0 || piece.start > (pieces[i - 1] as Piece).start);

/** The window as it would be: what is at rest, with what came laid over it. */
function assemble(
  context: Context,
  download: Download,
  window: number,
  range: Range,
  pieces: readonly Piece[],
): Uint8Array {
  const sealed = new Uint8Array(sealedBytesOf(range.count));
  if (download.partial.has(window)) context.log.slices.read(download.fileId, range.start, sealed);
  for (const piece of pieces) sealed.set(piece.sealed, sealedBytesOf(piece.start - range.start));
  return sealed;
}

/** Whether the leaves are known and this is the window that they tell of. */
export function matchesLeaf(download: Download, window: number, ...sealed: readonly Uint8Array[]): boolean {
  return download.proof !== undefined && isLeafOf(download.proof, window, hashLeaf(...sealed));
}

const isLeafOf = ({ leaves }: FileProof, window: number, leaf: Uint8Array): boolean =>
  bytesEqual(leaf, leaves.subarray(window * hashBytes, (window + 1) * hashBytes));

export function prove(download: Download, window: number, now: EpochMs): void {
  download.setProved(window);
  download.unrecorded.add(window);
  download.unrecordedSinceMs ??= now;
}

/** Slices whose tags match are kept; a peer that sent others is named and not asked again. */
function keepProvisional(context: Context, download: Download, answered: Answered, windowStart: number): void {
  const { peer, window, pieces } = answered;
  let partial: PartialWindow | undefined;
  let hasLied = false;
  // A window that was wrong with slices of several peers comes from one, in one answer, or not at all.
  const isKept = !download.suspect.has(window) || isHuge(download, window);
  for (const { start, sealed } of pieces) {
    const bad = new Set(download.key === undefined ? [] : checkSlices({ ...download.key, sealed, firstSlice: start }));
    hasLied ||= bad.size > 0;
    if (!isKept) continue;
    for (const run of goodRuns(sealed.length / sealedSliceBytes, bad)) {
      context.log.slices.write(
        download.fileId,
        start + run.start,
        sealed.subarray(sealedBytesOf(run.start), sealedBytesOf(run.start + run.count)),
      );
      partial ??= download.partialOf(window);
      download.countProvisional(partial.held.addRange({ start: start + run.start - windowStart, count: run.count }));
      partial.sources.add(peer.id);
    }
  }
  if (hasLied) convict(context, download, peer, "slice_tag_invalid", answered);
}

const isHuge = (download: Download, window: number): boolean =>
  download.shape !== undefined && windowRange(download.shape, window).count > requestSlicesMax;

function goodRuns(count: number, bad: ReadonlySet<number>): Range[] {
  const runs: Range[] = [];
  for (let start = 0; start < count; start++) {
    let end = start;
    while (end < count && !bad.has(end)) end++;
    if (end > start) runs.push({ start, count: end - start });
    start = end;
  }
  return runs;
}

/** A window that is whole on disk: proved when its leaf is known and matches, dropped when it does not. */
export function proveAtRest(context: Context, download: Download, window: number, now: EpochMs): void {
  const { shape } = download;
  const partial = download.partial.get(window);
  const file = context.log.slices.file(download.fileId, false);
  if (shape === undefined || download.proof === undefined || partial?.held.isFull !== true || file === undefined)
    return;
  if (isLeafOf(download.proof, window, hashWindowAtRest(file, shape, window))) return prove(download, window, now);
  const [source] = partial.sources;
  const only = partial.sources.size === 1 && source !== undefined && source !== "disk" ? source : undefined;
  dropWindow(download, window);
  const peer = only === undefined ? undefined : context.peers.get(only);
  if (peer !== undefined) convict(context, download, peer, "leaf_mismatch", { window, round: 0 });
  else if (only !== undefined) download.liars.add(only);
}

/**
 * The window is whole and wrong. Whose slices are bad can be told where tags do not match, or when all of them are one
 * peer's; otherwise all of it is dropped and comes from one peer only, so that the next time it can.
 */
function blame(context: Context, download: Download, answered: Answered, range: Range): void {
  const { peer, window, pieces } = answered;
  const partial = download.partial.get(window);
  if (partial === undefined || partial.held.count === 0)
    return convict(context, download, peer, "leaf_mismatch", answered);
  if (pieces.some(({ start, sealed }) => hasBadTag(download, start, sealed)))
    return keepProvisional(context, download, answered, range.start);
  const isAllFromPeer = partial.sources.size === 1 && partial.sources.has(peer.id);
  dropWindow(download, window);
  if (isAllFromPeer) convict(context, download, peer, "leaf_mismatch", answered);
}

function hasBadTag(download: Download, firstSlice: number, sealed: Uint8Array): boolean {
  return download.key !== undefined && checkSlices({ ...download.key, sealed, firstSlice }).length > 0;
}

/** Only what is wrong is fetched again: this window, wholly. */
function dropWindow(download: Download, window: number): void {
  download.dropPartial(window);
  download.suspect.add(window);
}

/** The peer sent a wrong slice: it is not asked for this file again, and what it was asked is asked of others. */
function convict(
  context: Context,
  download: Download,
  peer: Peer,
  code: "slice_tag_invalid" | "leaf_mismatch",
  at: { window: number; round: number },
): void {
  const { fileId } = download;
  download.liars.add(peer.id);
  refuse(context, peer, new FileSyncError(code), { name: "slices", fileId, window: at.window, round: at.round });
  for (const request of peer.requestsOf(fileId)) {
    peer.leave(request);
    download.setNotAsked(request);
  }
}
