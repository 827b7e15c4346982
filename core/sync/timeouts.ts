/** Deadlines are data: what is due now, and when the next one is. */
import { epochMs, type EpochMs } from "../base/ids.ts";
import { recordDelayMs, storageRetryMs } from "../limits.ts";
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
}

function doDue(context: Context, now: EpochMs): void {
  expireAttachments(context, now);
  for (const download of [...context.downloads.values()]) {
    const expiresAtMs = expiryOf(download);
    if (expiresAtMs !== undefined && expiresAtMs <= now) {
      expireWant(context, download.fileId, now);
    } else {
      recordProved(context, download, now);
      askOverdueLeaves(context, download, now);
    }
  }
  for (const peer of [...context.peers.values()]) {
    peer.forgetOldLacking(now);
    giveUpSilent(context, peer, now);
    peer.measureDeadlines();
    driveLogSync(context, peer, now);
  }
}

export function nextTimeoutMs(context: Context): EpochMs | undefined {
  let next = context.log.nextExpiryMs() ?? Number.POSITIVE_INFINITY;
  for (const download of context.downloads.values()) {
    next = Math.min(next, expiryOf(download) ?? next);
    if (download.unrecordedSinceMs !== undefined && !download.isFinishing)
      next = Math.min(next, download.unrecordedSinceMs + recordDelayMs);
    if (download.want.status === "active" && download.proof === undefined && context.peers.size > 0) {
      next = Math.min(next, download.leavesAsk?.deadlineMs ?? next);
    }
  }
  for (const peer of context.peers.values()) {
    next = Math.min(next, peer.nextDeadlineMs(), peer.logSync?.nextTimeoutMs() ?? next, peer.nextAskAgainMs() ?? next);
  }
  return next === Number.POSITIVE_INFINITY ? undefined : epochMs(Math.max(next, context.retryAtMs ?? next));
}

/** A want whose failure could not be recorded is still here, and does not expire any more. */
function expiryOf({ want }: Download): number | undefined {
  const isLive = want.status === "active" || want.status === "paused";
  return isLive && want.expiresAtMs !== 0 ? want.expiresAtMs : undefined;
}
