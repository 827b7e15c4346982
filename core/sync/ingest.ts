/**
 * Taking in slices. What answers one request is staged in memory until the answer ends; then the window is judged as a
 * whole. A whole window is hashed: one hash vouches for all its slices, against strangers and against members who have
 * the key. Of one that is not whole yet each slice's tag is checked, and what is good is kept as provisional.
 *
 * Nothing is written before one of the two has vouched for it, except where the key is not known: there provisional
 * slices wait on disk for their leaf.
 */
import { bytesEqual } from "../base/bytes.ts";
import type { EpochMs } from "../base/ids.ts";
import { sealedBytesOf, windowRange, type FileShape } from "../base/sizes.ts";
import type { Range } from "../base/slice-set.ts";
import { checkSlices, hashLeaf } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { hashWindowAtRest } from "../file/sealer.ts";
import { hashBytes, requestSlicesMax, sealedSliceBytes, sliceBytes } from "../limits.ts";
import { refuse, type Context } from "./context.ts";
import type { Download, PartialWindow } from "./download.ts";
import { finishWhenWhole, recordProved } from "./finish.ts";
import type { MessageOf } from "./messages.ts";
import type { OpenRequest, Peer, Piece } from "./peer.ts";

export function onSlices(context: Context, peer: Peer, message: MessageOf<"slices">, now: EpochMs): void {
  const { fileId, window, round } = message;
  const about = { name: "slices", fileId, window, round } as const;
  const download = context.downloads.get(fileId);
  const request = peer.request(fileId, window);
  if (download?.shape === undefined || request === undefined)
    return refuse(context, peer, new FileSyncError("not_wanted"), about);
  const range = windowRange(download.shape, window);
  const problem = runsProblem(message.runs, range, message.sealed.length);
  if (problem !== undefined) return refuse(context, peer, problem, about);
  peer.sliceBytesReceived += message.sealed.length;
  const before = request.staged.count;
  stage(download, request, message, range);
  // What brings nothing new is no sign of life, or a peer could keep a window to itself for ever.
  if (request.staged.count > before) peer.progressAtMs = now;
}

function runsProblem(runs: readonly Range[], window: Range, sealedBytes: number): FileSyncError | undefined {
  let next = window.start;
  let count = 0;
  for (const run of runs) {
    if (run.start < next || run.start + run.count > window.start + window.count)
      return new FileSyncError("slice_out_of_range");
    next = run.start + run.count;
    count += run.count;
  }
  return sealedBytesOf(count) === sealedBytes
    ? undefined
    : new FileSyncError("message_malformed", { detail: "slices.sealed" });
}

/** Keeps what is new of a message; views into it, no copies. */
function stage(download: Download, request: OpenRequest, message: MessageOf<"slices">, window: Range): void {
  const held = download.partial.get(request.window)?.held;
  const [only] = message.runs;
  if (only !== undefined && held === undefined && request.staged.count === 0 && message.runs.length === 1) {
    // Nearly always: the first part of the answer to a request for all of a window.
    const count = Math.min(only.count, request.limit);
    request.pieces.push({ start: only.start, sealed: message.sealed.subarray(0, sealedBytesOf(count)) });
    request.staged.addRange({ start: only.start - window.start, count });
    return;
  }
  let at = 0;
  for (const run of message.runs) {
    for (let from = 0; from < run.count; ) {
      let to = from;
      while (to < run.count && isNew(run.start + to - window.start)) to++;
      if (to > from) {
        const start = run.start + from;
        request.pieces.push({
          start,
          sealed: message.sealed.subarray(at + sealedBytesOf(from), at + sealedBytesOf(to)),
        });
        request.staged.addRange({ start: start - window.start, count: to - from });
      }
      from = to + 1;
    }
    at += sealedBytesOf(run.count);
  }

  function isNew(place: number): boolean {
    return !request.staged.has(place) && held?.has(place) !== true && request.staged.count < request.limit;
  }
}

export function onReply(context: Context, peer: Peer, message: MessageOf<"sync_file_reply">, now: EpochMs): void {
  const { fileId, window, round, held, sent } = message;
  const request = peer.request(fileId, window);
  if (request === undefined || request.round !== round) return; // of a request that was given up
  peer.progressAtMs = now;
  peer.flight.answered(request.bytes, now - request.sentAtMs, now);
  closeRequest(context, peer, request, now);
  const download = context.downloads.get(fileId);
  if (download?.shape === undefined || download.proved.has(window)) return;
  // Complete at the answerer and yet something is missing: lost on the way, or withheld by the filter. Asked again at
  // once; but who answers and answers and gives nothing is left alone for a while.
  const isFruitless = peer.countFruitless(fileId, window, request.staged.count === 0 && sent === 0);
  if (held < windowRange(download.shape, window).count || isFruitless) peer.setLacksWindow(fileId, window, now);
  giveUpOvertaken(context, peer, request, now);
}

/** Answers come in the order of the requests: what was asked well before this one and is not answered was lost. */
const overtakenBy = 4;

function giveUpOvertaken(context: Context, peer: Peer, answered: OpenRequest, now: EpochMs): void {
  for (const request of peer.requests) {
    if (request.order + overtakenBy >= answered.order) return;
    closeRequest(context, peer, request, now);
  }
}

/** No sign of an answer in time: what came is used, the rest is asked again, of whoever has room. */
export function giveUpSilent(context: Context, peer: Peer, now: EpochMs): void {
  for (const request of [...peer.requests]) {
    if (peer.deadlineOf(request) > now) continue;
    peer.flight.lost(now);
    // Whatever it gave: the next one to be asked is another, when there is one.
    context.downloads.get(request.fileId)?.countInVain(request.window, peer.id);
    closeRequest(context, peer, request, now);
  }
}

/** Ends a request, however it ended, and judges what came of it. */
export function closeRequest(context: Context, peer: Peer, request: OpenRequest, now: EpochMs): void {
  const { fileId, window } = request;
  peer.leave(request);
  const download = context.downloads.get(fileId);
  if (download === undefined) return;
  download.setNotAsked(window);
  if (download.shape === undefined || download.proved.has(window)) return;
  if (request.pieces.length === 0) return download.countInVain(window, peer.id);
  if (download.want.status === "paused") download.lateSlices += request.staged.count;
  const before = download.slicesHeld;
  const missing = download.missingIn(window);
  judge(context, download, download.shape, { peer, request }, now);
  // A little is as good as nothing, or a window could be had slice by slice, each as late as can be.
  if (4 * (download.slicesHeld - before) < Math.min(request.limit, missing)) download.countInVain(window, peer.id);
  download.speed.count(Math.max(0, download.slicesHeld - before) * sliceBytes, now);
  recordProved(context, download, now);
  finishWhenWhole(context, download);
  context.emit({ kind: "progressed", fileId });
}

type Answered = { readonly peer: Peer; readonly request: OpenRequest };

function judge(context: Context, download: Download, shape: FileShape, answered: Answered, now: EpochMs): void {
  const { window, staged, pieces } = answered.request;
  const range = windowRange(shape, window);
  const missing = download.missingIn(window);
  if (staged.count < missing || download.proof === undefined || range.count > requestSlicesMax) {
    keepProvisional(context, download, answered, range.start);
    return proveAtRest(context, download, window, now);
  }
  const leaf =
    missing === range.count && isInOrder(pieces)
      ? hashLeaf(...pieces.map(({ sealed }) => sealed))
      : hashLeaf(assemble(context, download, window, range, pieces));
  if (matchesLeaf(download, window, leaf)) {
    for (const piece of pieces) context.log.slices.write(download.fileId, piece.start, piece.sealed);
    return prove(download, window, now);
  }
  blame(context, download, answered, range);
}

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

function matchesLeaf(download: Download, window: number, leaf: Uint8Array): boolean {
  return (
    download.proof !== undefined &&
    bytesEqual(leaf, download.proof.leaves.subarray(window * hashBytes, (window + 1) * hashBytes))
  );
}

function prove(download: Download, window: number, now: EpochMs): void {
  download.setProved(window);
  download.unrecorded.add(window);
  download.unrecordedSinceMs ??= now;
}

/** Slices whose tags match are kept; a peer that sent others is named and not asked again. */
function keepProvisional(context: Context, download: Download, { peer, request }: Answered, windowStart: number): void {
  let partial: PartialWindow | undefined;
  let hasLied = false;
  // A window that was wrong with slices of several peers comes from one, in one answer, or not at all.
  const isKept = !download.suspect.has(request.window) || isHuge(download, request.window);
  for (const { start, sealed } of request.pieces) {
    const bad = new Set(download.key === undefined ? [] : checkSlices({ ...download.key, sealed, firstSlice: start }));
    hasLied ||= bad.size > 0;
    if (!isKept) continue;
    for (const run of goodRuns(sealed.length / sealedSliceBytes, bad)) {
      context.log.slices.write(
        download.fileId,
        start + run.start,
        sealed.subarray(sealedBytesOf(run.start), sealedBytesOf(run.start + run.count)),
      );
      partial ??= download.partialOf(request.window);
      download.countProvisional(partial.held.addRange({ start: start + run.start - windowStart, count: run.count }));
      partial.sources.add(peer.id);
    }
  }
  if (hasLied) convict(context, download, peer, "slice_tag_invalid", request);
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
  if (matchesLeaf(download, window, hashWindowAtRest(file, shape, window))) return prove(download, window, now);
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
  const { peer, request } = answered;
  const { window } = request;
  const partial = download.partial.get(window);
  if (partial === undefined || partial.held.count === 0)
    return convict(context, download, peer, "leaf_mismatch", request);
  if (request.pieces.some(({ start, sealed }) => hasBadTag(download, start, sealed)))
    return keepProvisional(context, download, answered, range.start);
  const isAllFromPeer = partial.sources.size === 1 && partial.sources.has(peer.id);
  dropWindow(download, window);
  if (isAllFromPeer) convict(context, download, peer, "leaf_mismatch", request);
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
    download.setNotAsked(request.window);
  }
}

/** All requests of a peer that is gone: what came of them is used. */
export function closeAll(context: Context, peer: Peer, now: EpochMs): void {
  for (const request of [...peer.requests]) closeRequest(context, peer, request, now);
}
