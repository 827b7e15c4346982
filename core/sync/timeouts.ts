/** Deadlines are data: what is due now, and when the next one is. */
import { epochMs, type EpochMs } from "../base/ids.ts";
import { recordDelayMs } from "../limits.ts";
import { expireAttachments } from "./attachments.ts";
import type { Context } from "./context.ts";
import { recordProved } from "./finish.ts";
import { giveUpSilent } from "./ingest.ts";
import { driveLogSync } from "./log-sync.ts";
import { expireWant } from "./want-control.ts";

export function handleDue(context: Context, now: EpochMs): void {
  expireAttachments(context, now);
  for (const download of [...context.downloads.values()]) {
    const { expiresAtMs } = download.want;
    if (expiresAtMs !== 0 && expiresAtMs <= now) expireWant(context, download.fileId, now);
    else recordProved(context, download, now);
  }
  for (const peer of [...context.peers.values()]) {
    peer.forgetOldLacking(now);
    giveUpSilent(context, peer, now);
    driveLogSync(context, peer, now);
  }
}

export function nextTimeoutMs(context: Context): EpochMs | undefined {
  let next = context.log.nextExpiryMs() ?? Number.POSITIVE_INFINITY;
  for (const download of context.downloads.values()) {
    if (download.want.expiresAtMs !== 0) next = Math.min(next, download.want.expiresAtMs);
    if (download.unrecordedSinceMs !== undefined && !download.isFinishing)
      next = Math.min(next, download.unrecordedSinceMs + recordDelayMs);
    if (download.want.status === "active" && download.proof === undefined && context.peers.size > 0) {
      next = Math.min(next, download.leavesAsk?.deadlineMs ?? next);
    }
  }
  for (const peer of context.peers.values()) {
    for (const request of peer.requests.values()) next = Math.min(next, request.deadlineMs);
    next = Math.min(next, peer.logSync?.nextTimeoutMs() ?? next, peer.nextAskAgainMs() ?? next);
  }
  return next === Number.POSITIVE_INFINITY ? undefined : epochMs(next);
}
