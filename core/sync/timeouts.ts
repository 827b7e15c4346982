/** Deadlines are data: what is due now, and when the next one is. */
import { epochMs, type EpochMs } from "../base/ids.ts";
import { asksPerTurnMax, recordDelayMs, storageRetryMs } from "../limits.ts";
import { expireAttachments } from "./attachments.ts";
import type { Context } from "./context.ts";
import type { Download } from "./download.ts";
import { recordProved } from "./finish.ts";
import { giveUpSilent } from "./ingest.ts";
import { driveLogSync } from "./log-sync.ts";
import { askOverdueLeaves } from "./request.ts";
import { guarded } from "./storage-failure.ts";
import { expireWant } from "./want-control.ts";

/** A storage that does not take what is due is tried again after a while: nothing is due at once for ever. */
export function handleDue(context: Context, now: EpochMs): void {
  context.retryAtMs = undefined;
  guarded(
    context,
    now,
    () => doDue(context, now),
    () => (context.retryAtMs = epochMs(now + storageRetryMs)),
  );
  context.agenda.measured(firstDeadlineMs(context));
}

function doDue(context: Context, now: EpochMs): void {
  expireAttachments(context, now);
  let asksLeft = asksPerTurnMax;
  for (const download of [...context.downloads.values()]) {
    const expiresAtMs = expiryOf(download);
    if (expiresAtMs !== undefined && expiresAtMs <= now) {
      expireWant(context, download.fileId, now);
    } else {
      recordProved(context, download, now);
      // The others are overdue still: the next turn is theirs.
      if (asksLeft > 0 && askOverdueLeaves(context, download, now)) asksLeft--;
    }
  }
  for (const peer of [...context.peers.values()]) {
    peer.forgetOldLacking(now);
    giveUpSilent(context, peer, now);
    peer.measureDeadlines();
    driveLogSync(context, peer, now);
  }
}

/** Asked for after every frame: it may be somewhat early, never late. */
export function nextTimeoutMs(context: Context): EpochMs | undefined {
  const { agenda } = context;
  for (const download of agenda.takeChanged()) agenda.wakeBy(deadlineMsOf(context, download));
  let next = Math.min(context.log.nextExpiryMs() ?? Number.POSITIVE_INFINITY, agenda.wakeAtMs);
  for (const peer of context.peers.values()) {
    next = Math.min(next, peer.nextDeadlineMs(), peer.logSync?.nextTimeoutMs() ?? next, peer.nextAskAgainMs());
  }
  return next === Number.POSITIVE_INFINITY ? undefined : epochMs(Math.max(next, context.retryAtMs ?? next));
}

/** Looks at every download. */
function firstDeadlineMs(context: Context): number {
  let first = Number.POSITIVE_INFINITY;
  for (const download of context.downloads.values()) first = Math.min(first, deadlineMsOf(context, download));
  return first;
}

/** What is due of downloads, after a look at all: what `nextTimeoutMs` gives is never later. */
export const measuredTimeoutMs = (context: Context): number =>
  Math.max(firstDeadlineMs(context), context.retryAtMs ?? Number.NEGATIVE_INFINITY);

/** What it depends on tells the agenda when it changes: core/sync/download.ts, and peers that come. */
function deadlineMsOf(context: Context, download: Download): number {
  const { unrecordedSinceMs, isFinishing, want, proof, leavesAsk } = download;
  let deadlineMs = expiryOf(download) ?? Number.POSITIVE_INFINITY;
  if (unrecordedSinceMs !== undefined && !isFinishing)
    deadlineMs = Math.min(deadlineMs, unrecordedSinceMs + recordDelayMs);
  if (want.status === "active" && proof === undefined && context.peers.size > 0 && leavesAsk !== undefined)
    deadlineMs = Math.min(deadlineMs, leavesAsk.deadlineMs);
  return deadlineMs;
}

/** A want whose failure could not be recorded is still here, and does not expire any more. */
function expiryOf({ want }: Download): number | undefined {
  const isLive = want.status === "active" || want.status === "paused";
  return isLive && want.expiresAtMs !== 0 ? want.expiresAtMs : undefined;
}
