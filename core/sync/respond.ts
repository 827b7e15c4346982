/**
 * Answering: windows, leaves and events, in the order in which they were asked for. Answers are made when the
 * connection has room for them, so what waits is a list of requests and at most one window a peer.
 */
import type { EpochMs, EventId } from "../base/ids.ts";
import { windowRange, type FileShape } from "../base/sizes.ts";
import { FileSyncError } from "../errors.ts";
import {
  hashBytes,
  leavesBatchMax,
  messageBytesMax,
  openRequestsMax,
  outboxMessagesMax,
  requestSlicesMax,
} from "../limits.ts";
import { replyTo, windowsPart } from "./answer-windows.ts";
import { SaltedFilter } from "./bloom.ts";
import { refuse, type Context } from "./context.ts";
import { eventsAsked } from "./log-sync.ts";
import { encodeMessage, eventsBatchMax, messageLayouts, type MessageOf } from "./messages.ts";
import type { Answer, AnswerPart, Peer } from "./peer.ts";
import { servedFile } from "./served-file.ts";

export function onSyncFile(context: Context, peer: Peer, message: MessageOf<"sync_file">): void {
  const { fileId, window, round } = message;
  const about = { name: "sync_file", fileId, window, round } as const;
  const served = servedFile(context, fileId);
  if (served === undefined) return refuse(context, peer, new FileSyncError("not_held"), about);
  const problem = askProblem(served.proof.shape, message);
  if (problem !== undefined) return refuse(context, peer, problem, about);
  if (peer.answers.length >= openRequestsMax)
    return refuse(context, peer, new FileSyncError("too_many_requests"), about);
  const { windows, frameBytes, filter } = message;
  const limit = Math.min(message.limit, requestSlicesMax);
  peer.answers.push({
    kind: "windows",
    fileId,
    window,
    windows,
    round,
    limit,
    frameBytes,
    // A copy: the frame is gone when it has been handled.
    filter: filter.slice(),
    next: window,
    progress: undefined,
    held: 0,
    sent: 0,
  });
}

function askProblem(shape: FileShape, asked: MessageOf<"sync_file">): FileSyncError | undefined {
  const { window, windows, windowCount, limit, filter } = asked;
  if (windowCount !== shape.windowCount || window + windows > shape.windowsInUse || windows === 0)
    return new FileSyncError("window_mismatch");
  // Several are asked for wholly, and no more than an answer holds: else one request would be as much work as thousands.
  const { count } = windowRange(shape, window, windows);
  if (windows > 1 && (count > requestSlicesMax || limit < count)) return new FileSyncError("window_mismatch");
  if (filter.length === 0) return undefined;
  if (windows > 1) return new FileSyncError("filter_size_invalid");
  const opened = SaltedFilter.open(filter, windowRange(shape, window).count, new Uint8Array(16));
  return opened.ok ? undefined : opened.error;
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
    if (answer.kind !== "windows") continue;
    // Asking and stopping without reading must not pile up here: the asker's own timeout says the same.
    if (peer.outbox.length < outboxMessagesMax) peer.outbox.push(replyTo(answer));
  }
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

function answerPart(context: Context, peer: Peer, answer: Answer, now: EpochMs): AnswerPart {
  switch (answer.kind) {
    case "windows":
      return windowsPart(context, peer, answer, now);
    case "leaves":
      return leavesPart(context, answer);
    case "events":
      return eventsPart(context, peer, answer);
    default:
      return answer satisfies never;
  }
}

function leavesPart(context: Context, answer: Extract<Answer, { kind: "leaves" }>): AnswerPart {
  const proof = servedFile(context, answer.fileId)?.proof;
  if (proof === undefined || answer.first > proof.shape.windowsInUse) return { message: undefined, isLast: true };
  const { fileBytes, noncePrefix, keyCommitment, shape } = proof;
  const { fileId, first } = answer;
  const leaves = proof.leaves.subarray(first * hashBytes, (first + leavesBatchMax) * hashBytes);
  answer.first = first + leaves.length / hashBytes;
  const message = encodeMessage("file_leaves", { fileId, fileBytes, noncePrefix, keyCommitment, first, leaves });
  return { message, isLast: answer.first === shape.windowsInUse };
}

function eventsPart(context: Context, peer: Peer, answer: Extract<Answer, { kind: "events" }>): AnswerPart {
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
