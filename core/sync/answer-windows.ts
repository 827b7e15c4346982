/**
 * The answer to a `sync_file`: each window that is proved is read, hashed again before it leaves (a bit that the disk lost
 * is found here and not at the other end, where it would look like a lie), and sent but for what the asker has.
 */
import { assert } from "../base/assert.ts";
import { bytesEqual, emptyBytes } from "../base/bytes.ts";
import { fileIdBytes, type EpochMs, type FileId } from "../base/ids.ts";
import { sealedBytesOf, windowRange } from "../base/sizes.ts";
import type { Range } from "../base/slice-set.ts";
import { checkSlices, hashLeaf } from "../crypto/index.ts";
import { answerOverheadBytes, hashBytes, requestSlicesMax, sliceBatchMax, sliceBatchMin } from "../limits.ts";
import type { FileProof } from "../log/slice-store.ts";
import { SaltedFilter } from "./bloom.ts";
import type { Context } from "./context.ts";
import { markDamaged } from "./damage.ts";
import { encodeMessage, messageLayouts, messageTypes } from "./messages.ts";
import type { Answer, AnswerPart, Peer, WindowProgress } from "./peer.ts";
import { fileFilterSalt } from "./salt.ts";
import { servedFile, type ServedFile } from "./served-file.ts";

type WindowsAnswer = Extract<Answer, { kind: "windows" }>;

export function replyTo({ fileId, window, round, held, sent }: WindowsAnswer): Uint8Array {
  return encodeMessage("sync_file_reply", { fileId, window, round, held, sent });
}

export function windowsPart(context: Context, peer: Peer, answer: WindowsAnswer, now: EpochMs): AnswerPart {
  const end = answer.window + answer.windows;
  let message: Uint8Array | undefined;
  while (message === undefined && (answer.progress !== undefined || answer.next < end))
    message = answer.progress === undefined ? readNext(context, peer, answer, now) : nextSlices(context, answer);
  if (answer.progress !== undefined || answer.next < end) return { message, isLast: false };
  return { message, end: replyTo(answer), isLast: true };
}

/**
 * Reads the next windows: as many whole ones as one message holds, to where they are in it, so that nothing is copied
 * but its head. A window that is longer, or of which not all is wanted, is read apart and cut into messages.
 */
function readNext(context: Context, peer: Peer, answer: WindowsAnswer, now: EpochMs): Uint8Array | undefined {
  const served = servedFile(context, answer.fileId);
  const end = answer.window + answer.windows;
  while (answer.next < end && !(served?.isProved(answer.next) ?? false)) answer.next++;
  if (served === undefined || answer.next === end) return undefined;
  const windows = wholeWindows(served, answer);
  if (windows > 0) return readWhole(context, answer, served, windows, now);
  answer.progress = readWindow(context, peer, answer, served, now);
  answer.next++;
  return undefined;
}

/** Slices in one message: as many as fill the frames that the asker wants. */
const batchFor = ({ frameBytes }: WindowsAnswer): number =>
  Math.min(sliceBatchMax, Math.max(sliceBatchMin, Math.floor((frameBytes - answerOverheadBytes) / sealedBytesOf(1))));

/** How many of the next windows go into one message whole. */
function wholeWindows(served: ServedFile, answer: WindowsAnswer): number {
  if (answer.filter.length > 0) return 0;
  const { shape } = served.proof;
  const end = answer.window + answer.windows;
  let room = Math.min(batchFor(answer), answer.limit - answer.sent);
  let windows = 0;
  for (let window = answer.next; window < end && served.isProved(window); window++) {
    room -= windowRange(shape, window).count;
    if (room < 0) break;
    windows++;
  }
  return windows;
}

function readWhole(
  context: Context,
  answer: WindowsAnswer,
  { proof }: ServedFile,
  windows: number,
  now: EpochMs,
): Uint8Array | undefined {
  const { fileId, window, round, next } = answer;
  const { shape } = proof;
  const range = windowRange(shape, next, windows);
  const sealed = context.messageRoom.subarray(slicesHeadBytes, slicesHeadBytes + sealedBytesOf(range.count));
  context.log.slices.read(fileId, range.start, sealed);
  const windowBytes = sealedBytesOf(shape.slicesPerWindow);
  let sound = 0;
  while (
    sound < windows &&
    leafMatches(proof, next + sound, sealed.subarray(sound * windowBytes, (sound + 1) * windowBytes))
  )
    sound++;
  answer.next += sound;
  // What is before the damage leaves; the rest is gone on with behind it.
  if (sound < windows) {
    markDamaged(context, fileId, next + sound, now);
    answer.next++;
  }
  if (sound === 0) return undefined;
  const { count } = windowRange(shape, next, sound);
  answer.held += count;
  answer.sent += count;
  const runs = [{ start: range.start, count }];
  const head = encodeMessage("slices", { fileId, window, round, runs, sealed: emptyBytes });
  context.messageRoom.set(head);
  return context.messageRoom.subarray(0, head.length + sealedBytesOf(count));
}

/** The next message of a window that was read apart. */
function nextSlices(context: Context, answer: WindowsAnswer): Uint8Array | undefined {
  const { progress } = answer;
  if (progress === undefined) return undefined;
  const runs = takeRuns(progress, batchFor(answer));
  if (progress.runs.length === 0) answer.progress = undefined;
  for (const { count } of runs) answer.sent += count;
  return encodeSlices(context, answer, progress, runs);
}

/** Takes up to `countMax` slices off what is still to be sent. */
function takeRuns(progress: WindowProgress, countMax: number): Range[] {
  const taken: Range[] = [];
  let room = countMax;
  for (let run = progress.runs[0]; run !== undefined && room > 0; run = progress.runs[0]) {
    const count = Math.min(run.count, room);
    taken.push({ start: run.start, count });
    room -= count;
    if (count === run.count) progress.runs.shift();
    else progress.runs[0] = { start: run.start + count, count: run.count - count };
  }
  return taken;
}

/** The message is made in the one room that the engine has for them: new memory for each keeps a collector busy. */
function encodeSlices(
  context: Context,
  answer: WindowsAnswer,
  progress: WindowProgress,
  runs: readonly Range[],
): Uint8Array {
  const { fileId, window, round } = answer;
  const { sealed, firstSlice } = progress;
  const { messageRoom } = context;
  const head = encodeMessage("slices", { fileId, window, round, runs, sealed: emptyBytes });
  messageRoom.set(head);
  let at = head.length;
  for (const { start, count } of runs) {
    const from = sealedBytesOf(start - firstSlice);
    messageRoom.set(sealed.subarray(from, from + sealedBytesOf(count)), at);
    at += sealedBytesOf(count);
  }
  return messageRoom.subarray(0, at);
}

/** The head of a `slices` message with one run. */
const slicesHeadBytes = messageLayouts.slices.sizeOf({
  type: messageTypes.slices,
  fileId: "0".repeat(2 * fileIdBytes) as FileId,
  window: 0,
  round: 0,
  runs: [{ start: 0, count: 1 }],
  sealed: emptyBytes,
});

/** Reads a window, checks it, and leaves out what the filter says is there already; undefined when nothing is to be sent. */
function readWindow(
  context: Context,
  peer: Peer,
  answer: WindowsAnswer,
  { proof }: ServedFile,
  now: EpochMs,
): WindowProgress | undefined {
  const { fileId, next: window } = answer;
  const range = windowRange(proof.shape, window);
  const runs = wantedRuns(peer, answer, range);
  const [first] = runs;
  const last = runs[runs.length - 1];
  if (first !== undefined && last !== undefined) {
    const isHuge = range.count > requestSlicesMax;
    const read = isHuge ? { start: first.start, count: last.start + last.count - first.start } : range;
    const sealed = peer.windowRoom(sealedBytesOf(read.count));
    context.log.slices.read(fileId, read.start, sealed);
    const isSound = isHuge ? tagsMatch(context, fileId, read.start, sealed) : leafMatches(proof, window, sealed);
    if (!isSound) {
      markDamaged(context, fileId, window, now);
      return undefined;
    }
    answer.held += range.count;
    return { runs, firstSlice: read.start, sealed };
  }
  answer.held += range.count;
  return undefined;
}

function leafMatches(proof: FileProof, window: number, sealed: Uint8Array): boolean {
  return bytesEqual(hashLeaf(sealed), proof.leaves.subarray(window * hashBytes, (window + 1) * hashBytes));
}

/** Windows over 1 MiB are not read whole for each part of them: their slices' tags are checked, where the key is known. */
function tagsMatch(context: Context, fileId: FileId, firstSlice: number, sealed: Uint8Array): boolean {
  const descriptor = context.log.queries.descriptor(fileId);
  if (descriptor === undefined) return true;
  const { fileKey, noncePrefix } = descriptor;
  return checkSlices({ sealed, fileKey, noncePrefix, firstSlice }).length === 0;
}

/** What the asker wants of the window, as runs: all of it, or what its filter does not have, up to its limit. */
function wantedRuns(peer: Peer, answer: WindowsAnswer, range: Range): Range[] {
  let room = Math.min(answer.limit - answer.sent, range.count);
  if (room === 0) return [];
  if (answer.filter.length === 0) return [{ start: range.start, count: room }];
  const salt = fileFilterSalt(peer.id, answer.fileId, answer.window, answer.round);
  const opened = SaltedFilter.open(answer.filter, range.count, salt);
  assert(opened.ok, "the filter's size was checked when it came");
  const runs: { start: number; count: number }[] = [];
  for (let slice = range.start; slice < range.start + range.count && room > 0; slice++) {
    if (opened.value.has(slice)) continue;
    const run = runs[runs.length - 1];
    if (run !== undefined && run.start + run.count === slice) run.count++;
    else runs.push({ start: slice, count: 1 });
    room--;
  }
  return runs;
}
