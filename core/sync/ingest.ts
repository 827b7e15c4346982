/**
 * Taking in slices. Whole windows are judged as they come, one hash each. What comes in parts is staged in memory until
 * its answer ends; then each of its windows is judged as a whole (core/sync/judge.ts).
 *
 * Nothing is written before a leaf or a tag has vouched for it, except where the key is not known: there provisional
 * slices wait on disk for their leaf.
 */
import type { EpochMs } from "../base/ids.ts";
import { sealedBytesOf, windowOf, windowRange, type FileShape } from "../base/sizes.ts";
import type { Range } from "../base/slice-set.ts";
import { FileSyncError } from "../errors.ts";
import { sealedSliceBytes, sliceBytes } from "../limits.ts";
import { refuse, type Context } from "./context.ts";
import type { Download } from "./download.ts";
import { finishWhenWhole, recordProved } from "./finish.ts";
import { judge, matchesLeaf, prove } from "./judge.ts";
import type { MessageOf } from "./messages.ts";
import type { OpenRequest, Peer, Piece } from "./peer.ts";

export function onSlices(context: Context, peer: Peer, message: MessageOf<"slices">, now: EpochMs): void {
  const { fileId, window, round } = message;
  const about = { name: "slices", fileId, window, round } as const;
  const download = context.downloads.get(fileId);
  const request = peer.request(fileId, window);
  if (download?.shape === undefined || request === undefined)
    return refuse(context, peer, new FileSyncError("not_wanted"), about);
  const range = windowRange(download.shape, window, request.windows);
  const problem = runsProblem(message.runs, range, message.sealed.length);
  if (problem !== undefined) {
    // What answers an earlier request, for more windows, is late and nobody's fault.
    const isLate = problem.code === "slice_out_of_range" && request.round !== round;
    return refuse(context, peer, isLate ? new FileSyncError("not_wanted") : problem, about);
  }
  peer.sliceBytesReceived += message.sealed.length;
  const before = request.staged.count;
  if (!takeWhole(context, download, request, message, now)) stage(download, request, message, range);
  // What brings nothing new is no sign of life, or a peer could keep a window to itself for ever.
  if (request.staged.count > before) peer.progressAtMs = now;
}

/**
 * Whole windows whose leaves all match are proved at once: nothing of the message is kept, and it is written as it is.
 * False when that is not what the message holds; then it waits for the end of the answer.
 */
function takeWhole(
  context: Context,
  download: Download,
  request: OpenRequest,
  message: MessageOf<"slices">,
  now: EpochMs,
): boolean {
  const { shape, fileId } = download;
  const [run] = message.runs;
  if (shape === undefined || run === undefined || message.runs.length > 1) return false;
  const { slicesPerWindow, sliceCount } = shape;
  const end = run.start + run.count;
  if (run.start % slicesPerWindow !== 0 || (end % slicesPerWindow !== 0 && end !== sliceCount)) return false;
  const first = windowOf(shape, run.start);
  const last = windowOf(shape, end - 1);
  const windowBytes = sealedBytesOf(slicesPerWindow);
  for (let window = first, at = 0; window <= last; window++, at += windowBytes) {
    if (download.proved.has(window)) return false;
    if (!matchesLeaf(download, window, message.sealed.subarray(at, at + windowBytes))) return false;
  }
  const before = download.slicesHeld;
  context.log.slices.write(fileId, run.start, message.sealed);
  for (let window = first; window <= last; window++) prove(download, window, now);
  request.staged.addRange({ start: run.start - request.window * slicesPerWindow, count: run.count });
  onGained(context, download, before, now);
  return true;
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

/** Keeps what is new of a message. */
function stage(download: Download, request: OpenRequest, message: MessageOf<"slices">, asked: Range): void {
  const held = request.windows > 1 ? undefined : download.partial.get(request.window)?.held;
  let at = 0;
  for (const run of message.runs) {
    for (let from = 0; from < run.count; ) {
      let to = from;
      while (to < run.count && isNew(run.start + to - asked.start)) to++;
      if (to > from) {
        const start = run.start + from;
        request.pieces.push({
          start,
          // A copy: the frame is gone when it has been handled.
          sealed: message.sealed.slice(at + sealedBytesOf(from), at + sealedBytesOf(to)),
        });
        request.staged.addRange({ start: start - asked.start, count: to - from });
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
  giveUpOvertaken(context, peer, request, now);
  const download = context.downloads.get(fileId);
  if (download?.shape === undefined) return;
  // Complete at the answerer and yet something is missing: lost on the way, or withheld by the filter. Asked again at
  // once; but who answers and answers and gives nothing is left alone for a while.
  const isLacking = held < windowRange(download.shape, window, request.windows).count;
  const isEmpty = request.staged.count === 0 && sent === 0;
  for (let each = window; each < window + request.windows; each++) {
    if (download.proved.has(each)) continue;
    const isFruitless = peer.countFruitless(fileId, each, isEmpty);
    if (isLacking || isFruitless) peer.setLacksWindow(fileId, each, now);
  }
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
    const download = context.downloads.get(request.fileId);
    const end = request.window + request.windows;
    for (let window = request.window; window < end; window++) download?.countInVain(window, peer.id);
    closeRequest(context, peer, request, now);
  }
}

/** Ends a request, however it ended, and judges what came of it and was not judged when it came. */
export function closeRequest(context: Context, peer: Peer, request: OpenRequest, now: EpochMs): void {
  const { fileId, pieces } = request;
  peer.leave(request);
  const download = context.downloads.get(fileId);
  if (download === undefined) return;
  download.setNotAsked(request);
  if (download.shape === undefined) return;
  const before = download.slicesHeld;
  for (let window = request.window; window < request.window + request.windows; window++)
    if (!download.proved.has(window)) closeWindow(context, download, download.shape, { peer, request, window }, now);
  if (pieces.length > 0) onGained(context, download, before, now);
}

function closeWindow(
  context: Context,
  download: Download,
  shape: FileShape,
  { peer, request, window }: { readonly peer: Peer; readonly request: OpenRequest; readonly window: number },
  now: EpochMs,
): void {
  const pieces = request.windows === 1 ? request.pieces : piecesWithin(windowRange(shape, window), request.pieces);
  if (pieces.length === 0) return download.countInVain(window, peer.id);
  const before = download.slicesHeld;
  const missing = download.missingIn({ window, windows: 1 });
  judge(context, download, shape, { peer, window, round: request.round, pieces }, now);
  // A little is as good as nothing, or a window could be had slice by slice, each as late as can be.
  if (4 * (download.slicesHeld - before) < Math.min(request.limit, missing)) download.countInVain(window, peer.id);
}

function piecesWithin(window: Range, pieces: readonly Piece[]): Piece[] {
  const within: Piece[] = [];
  for (const { start, sealed } of pieces) {
    const from = Math.max(start, window.start);
    const to = Math.min(start + sealed.length / sealedSliceBytes, window.start + window.count);
    if (from >= to) continue;
    within.push({ start: from, sealed: sealed.subarray(sealedBytesOf(from - start), sealedBytesOf(to - start)) });
  }
  return within;
}

/** Slices came: what follows from that. */
function onGained(context: Context, download: Download, slicesBefore: number, now: EpochMs): void {
  const gained = Math.max(0, download.slicesHeld - slicesBefore);
  if (download.want.status === "paused") download.lateSlices += gained;
  download.speed.count(gained * sliceBytes, now);
  recordProved(context, download, now);
  finishWhenWhole(context, download);
  context.emit({ kind: "progressed", fileId: download.fileId });
}

/** All requests of a peer that is gone: what came of them is used. */
export function closeAll(context: Context, peer: Peer, now: EpochMs): void {
  for (const request of [...peer.requests]) closeRequest(context, peer, request, now);
}
