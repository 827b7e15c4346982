/**
 * What the user, time and failures do to wants. Every change goes through the transition table and is recorded before
 * anything acts on it; what a call did before, it does not do again.
 */
import { assert } from "../base/assert.ts";
import { done, fail, type Result } from "../base/result.ts";
import type { EpochMs, FileId } from "../base/ids.ts";
import { wantTransition, type WantAction } from "../base/want-status.ts";
import type { ErrorCode } from "../errors.ts";
import { priorityDefault, priorityMax, priorityMin, ttlMsMax } from "../limits.ts";
import { createFileWanted } from "../../events/index.ts";
import type { WantRow } from "../../schema/index.ts";
import type { Context } from "./context.ts";
import { Download } from "./download.ts";
import { dropSlices } from "./drops.ts";
import { encodeMessage } from "./messages.ts";
import { restoreDownload } from "./restore.ts";

export interface RequestOptions {
  /** 1 to 10, 10 first. */
  readonly priority?: number;
  /** Gives up after this long; 0 = never. */
  readonly ttlMs?: number;
}

interface Change {
  readonly priority?: number;
  readonly requestedAtMs?: number;
  readonly expiresAtMs?: number;
  readonly slicesDropped?: boolean;
  readonly failure?: ErrorCode | "";
}

export function request(context: Context, fileId: FileId, options: RequestOptions, now: EpochMs): Result<void> {
  const { ttlMs = 0 } = options;
  if (context.log.queries.isDeleted(fileId)) return fail("file_deleted");
  const want = wantOf(context, fileId);
  const isRepeat = want?.status === "active";
  const priority = options.priority ?? (isRepeat ? want.priority : priorityDefault);
  if (!Number.isInteger(priority) || priority < priorityMin || priority > priorityMax)
    return fail("argument_invalid", { detail: "priority" });
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 0 || ttlMs > ttlMsMax)
    return fail("argument_invalid", { detail: "ttlMs" });
  const expiresAtMs = ttlMs === 0 ? (isRepeat && options.ttlMs === undefined ? want.expiresAtMs : 0) : now + ttlMs;
  if (isRepeat && priority === want.priority && expiresAtMs === want.expiresAtMs) return done;
  return change(
    context,
    fileId,
    "request",
    { priority, expiresAtMs, requestedAtMs: isRepeat ? want.requestedAtMs : now, failure: "" },
    now,
  );
}

export const pause = (context: Context, fileId: FileId, now: EpochMs): Result<void> =>
  change(context, fileId, "pause", {}, now);

export const resume = (context: Context, fileId: FileId, now: EpochMs): Result<void> =>
  change(context, fileId, "resume", {}, now);

export function cancel(context: Context, fileId: FileId, keepSlices: boolean, now: EpochMs): Result<void> {
  return change(context, fileId, "cancel", { slicesDropped: !keepSlices }, now);
}

export function failWant(
  context: Context,
  fileId: FileId,
  failure: ErrorCode,
  slicesDropped: boolean,
  now: EpochMs,
): Result<void> {
  return change(context, fileId, "fail", { failure, slicesDropped }, now);
}

export const expireWant = (context: Context, fileId: FileId, now: EpochMs): Result<void> =>
  change(context, fileId, "expire", {}, now);

/** A proved slice turned out bad at rest: what was complete is fetched again where it is bad. */
export const reopenWant = (context: Context, fileId: FileId, now: EpochMs): Result<void> =>
  change(context, fileId, "damage", {}, now);

/** The want as it is now: in memory while it is active or paused, from the table otherwise. */
export function wantOf(context: Context, fileId: FileId): WantRow | undefined {
  return context.downloads.get(fileId)?.want ?? context.log.queries.want(fileId);
}

function change(context: Context, fileId: FileId, action: WantAction, fields: Change, now: EpochMs): Result<void> {
  const before = wantOf(context, fileId);
  const transition = wantTransition(before?.status ?? "none", action);
  if (transition === "same") return done;
  if ("refuse" in transition) return fail(transition.refuse);
  const row: WantRow = {
    fileId,
    sequence: context.log.nextSequence(),
    status: transition.to,
    priority: fields.priority ?? before?.priority ?? priorityDefault,
    requestedAtMs: fields.requestedAtMs ?? before?.requestedAtMs ?? now,
    expiresAtMs: fields.expiresAtMs ?? before?.expiresAtMs ?? 0,
    failure: fields.failure ?? "",
  };
  const slicesDropped = fields.slicesDropped ?? false;
  context.record(createFileWanted({ ...row, action, slicesDropped }, now, context.identity), now);
  act(context, row, slicesDropped, now);
  context.emit({ kind: "want_changed", fileId });
  return done;
}

function act(context: Context, row: WantRow, slicesDropped: boolean, now: EpochMs): void {
  const { fileId } = row;
  switch (row.status) {
    case "active": {
      const wasActive = context.downloads.get(fileId)?.want.status === "active";
      const download = ensureDownload(context, row, now);
      // Here and not at the pause: what was in flight then still came, and was counted, while nothing was asked.
      if (!wasActive) download.speed.restart();
      break;
    }
    case "paused":
      ensureDownload(context, row, now);
      stopAsking(context, fileId, "keep");
      break;
    case "failed":
    case "cancelled":
    case "expired":
      stopAsking(context, fileId, "forget");
      dismiss(context, fileId);
      if (slicesDropped) dropSlices(context, fileId);
      break;
    case "complete":
      assert(false, "completion is recorded by file_verified");
      break;
    default:
      row.status satisfies never;
  }
}

function ensureDownload(context: Context, row: WantRow, now: EpochMs): Download {
  const known = context.downloads.get(row.fileId);
  // One that failed and is still here could not be recorded as failed: what the storage holds is looked up anew.
  if (known !== undefined && known.want.status !== "failed") {
    known.want = row;
    return known;
  }
  const download = new Download(row.fileId, row, context.agenda);
  context.downloads.set(row.fileId, download);
  for (const peer of context.peers.values()) peer.forgetLacking(row.fileId);
  if (context.drops.has(row.fileId)) dropSlices(context, row.fileId);
  else restoreDownload(context, download, now);
  return download;
}

function dismiss(context: Context, fileId: FileId): void {
  const download = context.downloads.get(fileId);
  if (download === undefined) return;
  context.downloads.delete(fileId);
  context.agenda.remove(download);
}

/** Tells whoever was asked to stop. `keep`: what is on its way is still taken in; `forget`: it is refused. */
export function stopAsking(context: Context, fileId: FileId, late: "keep" | "forget"): void {
  for (const peer of context.peers.values()) {
    for (const request of peer.withdraw(fileId)) context.downloads.get(fileId)?.setNotAsked(request);
    const open = [...peer.requestsOf(fileId)];
    if (open.length > 0) peer.outbox.push(encodeMessage("sync_file_stop", { fileId }));
    if (late === "forget") for (const request of open) peer.leave(request);
  }
}
