/**
 * Answering: windows, leaves and events, in the order in which they were asked for. Answers are made when the
 * connection has room for them, so what waits is a list of requests and at most one window a peer.
 *
 * Only proved windows are offered, and each is hashed again before it leaves: a bit that the disk lost is found here
 * and not at the other end, where it would look like a lie.
 */
import { assert } from "../base/assert.ts";
import { bytesEqual, emptyBytes } from "../base/bytes.ts";
import { fileIdBytes, type EpochMs, type EventId, type FileId } from "../base/ids.ts";
import { sealedBytesOf, windowRange } from "../base/sizes.ts";
import type { Range } from "../base/slice-set.ts";
import { checkSlices, hashLeaf } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import {
  hashBytes,
  leavesBatchMax,
  messageBytesMax,
  openRequestsMax,
  outboxMessagesMax,
  requestSlicesMax,
  sliceBatchMax,
} from "../limits.ts";
import { proofAtRest } from "../log/descriptor-proof.ts";
import type { FileProof } from "../log/slice-store.ts";
import { SaltedFilter } from "./bloom.ts";
import { refuse, type Context } from "./context.ts";
import { eventsAsked } from "./log-sync.ts";
import { encodeMessage, eventsBatchMax, messageLayouts, messageTypes, type MessageOf } from "./messages.ts";
import type { Answer, Peer, WindowProgress } from "./peer.ts";
import { fileFilterSalt } from "./salt.ts";
import { markDamaged } from "./damage.ts";

type Of<Kind extends Answer["kind"]> = Extract<Answer, { kind: Kind }>;

/** What of a file can be vouched for. */
interface ServedFile {
  readonly proof: FileProof;
  isProved(window: number): boolean;
}

function servedFile(context: Context, fileId: FileId): ServedFile | undefined {
  const download = context.downloads.get(fileId);
  if (download !== undefined) {
    const { proof } = download;
    return proof === undefined ? undefined : { proof, isProved: (window) => download.proved.has(window) };
  }
  if (!context.log.isVerified(fileId)) return undefined;
  const proof = proofAtRest(context.log, fileId);
  return proof === undefined ? undefined : { proof, isProved: () => true };
}

export function onSyncFile(context: Context, peer: Peer, message: MessageOf<"sync_file">): void {
  const { fileId, window, windowCount, round, limit, filter } = message;
  const about = { name: "sync_file", fileId, window, round } as const;
  const served = servedFile(context, fileId);
  if (served === undefined) return refuse(context, peer, new FileSyncError("not_held"), about);
  if (windowCount !== served.proof.shape.windowCount || window >= served.proof.shape.windowsInUse) {
    return refuse(context, peer, new FileSyncError("window_mismatch"), about);
  }
  if (peer.answers.length >= openRequestsMax)
    return refuse(context, peer, new FileSyncError("too_many_requests"), about);
  const range = windowRange(served.proof.shape, window);
  if (filter.length > 0) {
    const opened = SaltedFilter.open(filter, range.count, new Uint8Array(16));
    if (!opened.ok) return refuse(context, peer, opened.error, about);
  }
  // The filter is a view into the message: kept apart, or the whole frame would stay.
  const bytes = sealedBytesOf(Math.min(limit, range.count));
  peer.answers.push({
    kind: "window",
    fileId,
    window,
    round,
    limit,
    bytes,
    filter: filter.slice(),
    progress: undefined,
  });
}

export function onSyncFileLeaves(context: Context, peer: Peer, message: MessageOf<"sync_file_leaves">): void {
  const { fileId, first } = message;
  const about = { name: "sync_file_leaves", fileId } as const;
  if (servedFile(context, fileId) === undefined) return refuse(context, peer, new FileSyncError("not_held"), about);
  if (peer.answers.length >= openRequestsMax)
    return refuse(context, peer, new FileSyncError("too_many_requests"), about);
  peer.answers.push({ kind: "leaves", fileId, first });
}

/** Drops what was still to be answered of the file, and says so: the asker need not wait for it. */
export function onSyncFileStop(peer: Peer, message: MessageOf<"sync_file_stop">): void {
  const { fileId } = message;
  for (let i = peer.answers.length - 1; i >= 0; i--) {
    const answer = peer.answers[i] as Answer;
    if (answer.kind === "events" || answer.fileId !== fileId) continue;
    peer.answers.splice(i, 1);
    if (answer.kind !== "window") continue;
    // Asking and stopping without reading must not pile up here: the asker's own timeout says the same.
    if (peer.outbox.length >= outboxMessagesMax) continue;
    const { window, round } = answer;
    const sent = answer.progress?.sent ?? 0;
    peer.outbox.push(
      encodeMessage("sync_file_reply", { fileId, window, round, held: answer.progress?.held ?? 0, sent }),
    );
  }
}

/** One step of an answer. */
interface Part {
  readonly message: Uint8Array | undefined;
  /** Ends the answer; leaves behind the message. */
  readonly end?: Uint8Array;
  readonly isLast: boolean;
}

/** The next message of what the peer asked for; undefined when everything is answered. The outbox is empty. */
export function nextAnswer(context: Context, peer: Peer, now: EpochMs): Uint8Array | undefined {
  for (let answer = peer.answers[0]; answer !== undefined; answer = peer.answers[0]) {
    const { message, end, isLast } = answerPart(context, peer, answer, now);
    if (isLast) peer.answers.shift();
    if (end !== undefined) peer.outbox.push(end);
    if (message !== undefined) return message;
    if (end !== undefined) return peer.outbox.shift();
  }
  return undefined;
}

function answerPart(context: Context, peer: Peer, answer: Answer, now: EpochMs): Part {
  switch (answer.kind) {
    case "window":
      return windowPart(context, peer, answer, now);
    case "leaves":
      return leavesPart(context, answer);
    case "events":
      return eventsPart(context, peer, answer);
    default:
      return answer satisfies never;
  }
}

function windowPart(context: Context, peer: Peer, answer: Of<"window">, now: EpochMs): Part {
  const progress = (answer.progress ??= readWindow(context, peer, answer, now));
  const { fileId, window, round } = answer;
  const runs = takeRuns(progress, sliceBatchMax);
  const message = runs.length === 0 ? undefined : encodeSlices(context, answer, progress, runs);
  if (progress.runs.length > 0) return { message, isLast: false };
  const end = encodeMessage("sync_file_reply", { fileId, window, round, held: progress.held, sent: progress.sent });
  return { message, end, isLast: true };
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
  progress.sent += countMax - room;
  return taken;
}

/** The message is made in the one room that the engine has for them: new memory for each is what keeps a collector busy. */
function encodeSlices(
  context: Context,
  answer: Of<"window">,
  progress: WindowProgress,
  runs: readonly Range[],
): Uint8Array {
  const { fileId, window, round } = answer;
  const { sealed, firstSlice } = progress;
  const { messageRoom } = context;
  const head = encodeMessage("slices", { fileId, window, round, runs, sealed: emptyBytes });
  messageRoom.set(head);
  let at = head.length;
  // A window of one message was read to where it is in it: nothing is left to copy but the head.
  if (progress.isInPlace) return messageRoom.subarray(0, at + sealed.length);
  for (const { start, count } of runs) {
    const from = sealedBytesOf(start - firstSlice);
    messageRoom.set(sealed.subarray(from, from + sealedBytesOf(count)), at);
    at += sealedBytesOf(count);
  }
  return messageRoom.subarray(0, at);
}

const nothingHeld = (held: number): WindowProgress => ({
  held,
  runs: [],
  firstSlice: 0,
  sealed: emptyBytes,
  isInPlace: false,
  sent: 0,
});

/** The head of a `slices` message with one run. */
const slicesHeadBytes = messageLayouts.slices.sizeOf({
  type: messageTypes.slices,
  fileId: "0".repeat(2 * fileIdBytes) as FileId,
  window: 0,
  round: 0,
  runs: [{ start: 0, count: 1 }],
  sealed: emptyBytes,
});

/** Reads the window, checks it, and leaves out what the filter says is there already. */
function readWindow(context: Context, peer: Peer, answer: Of<"window">, now: EpochMs): WindowProgress {
  const { fileId, window } = answer;
  const served = servedFile(context, fileId);
  if (served === undefined || !served.isProved(window)) return nothingHeld(0);
  const range = windowRange(served.proof.shape, window);
  const runs = wantedRuns(peer, answer, range);
  const [first] = runs;
  const last = runs[runs.length - 1];
  if (first === undefined || last === undefined) return nothingHeld(range.count);
  const isHuge = range.count > requestSlicesMax;
  const read = isHuge ? { start: first.start, count: last.start + last.count - first.start } : range;
  const isInPlace = first.count === read.count && read.count <= sliceBatchMax;
  const sealedBytes = sealedBytesOf(read.count);
  const sealed = isInPlace
    ? context.messageRoom.subarray(slicesHeadBytes, slicesHeadBytes + sealedBytes)
    : peer.windowRoom(sealedBytes);
  context.log.slices.read(fileId, read.start, sealed);
  const isSound = isHuge ? tagsMatch(context, fileId, read.start, sealed) : leafMatches(served.proof, window, sealed);
  if (!isSound) {
    markDamaged(context, fileId, window, now);
    return nothingHeld(0);
  }
  return { held: range.count, runs, firstSlice: read.start, sealed, isInPlace, sent: 0 };
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
function wantedRuns(peer: Peer, answer: Of<"window">, range: Range): Range[] {
  let room = Math.min(answer.limit, requestSlicesMax, range.count);
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

function leavesPart(context: Context, answer: Of<"leaves">): Part {
  const proof = servedFile(context, answer.fileId)?.proof;
  if (proof === undefined || answer.first > proof.shape.windowsInUse) return { message: undefined, isLast: true };
  const { fileBytes, noncePrefix, keyCommitment, shape } = proof;
  const { fileId, first } = answer;
  const leaves = proof.leaves.subarray(first * hashBytes, (first + leavesBatchMax) * hashBytes);
  answer.first = first + leaves.length / hashBytes;
  const message = encodeMessage("file_leaves", { fileId, fileBytes, noncePrefix, keyCommitment, first, leaves });
  return { message, isLast: answer.first === shape.windowsInUse };
}

function eventsPart(context: Context, peer: Peer, answer: Of<"events">): Part {
  const { asked } = answer;
  if (asked !== undefined && answer.ids === undefined) Object.assign(answer, eventsAsked(context, peer, asked));
  const ids = answer.ids ?? [];
  const events: Uint8Array[] = [];
  let bytes = messageLayouts.events.sizeOf({ type: 0, events: [] });
  for (; answer.sent < ids.length && events.length < eventsBatchMax; answer.sent++) {
    const event = context.log.eventBytes(ids[answer.sent] as EventId);
    if (event === undefined) continue; // shredded meanwhile
    bytes += 2 + event.length;
    if (bytes > messageBytesMax) break;
    events.push(event);
  }
  const message = events.length === 0 ? undefined : encodeMessage("events", { events });
  if (answer.sent < ids.length) return { message, isLast: false };
  if (asked === undefined) return { message, isLast: true };
  const { window, windowCount, round } = asked;
  const end = encodeMessage("sync_reply", { window, windowCount, round, held: answer.held, sent: ids.length });
  return { message, end, isLast: true };
}
