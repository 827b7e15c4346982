/**
 * The end of a file. Proved windows are flushed and put on record in batches; when all are proved, the slices are
 * flushed once more, the root hash is asserted, and `file_verified` makes the want complete. The host flushes; these
 * functions say what, and go on when it is done.
 */
import { assert } from "../base/assert.ts";
import type { EpochMs } from "../base/ids.ts";
import { SliceSet } from "../base/slice-set.ts";
import { provedRangesMax, recordDelayMs, recordWindowsMax } from "../limits.ts";
import { checkProof } from "../log/slice-store.ts";
import { createFileVerified, createWindowsProved } from "../../events/index.ts";
import type { Context, FlushTask } from "./context.ts";
import type { Download } from "./download.ts";

export function finishWhenWhole(context: Context, download: Download): void {
  if (download.isFinishing || !download.isWhole || download.proof === undefined) return;
  download.isFinishing = true;
  context.flushTasks.push({ kind: "finish", fileId: download.fileId });
}

/** Proved windows that have waited long enough, or are enough, go on record. */
export function recordProved(context: Context, download: Download, now: EpochMs): void {
  const { unrecorded, unrecordedSinceMs } = download;
  if (download.isFinishing || unrecorded.size === 0 || unrecordedSinceMs === undefined) return;
  if (unrecorded.size < recordWindowsMax && now - unrecordedSinceMs < recordDelayMs) return;
  context.flushTasks.push({ kind: "record", fileId: download.fileId, windows: [...unrecorded] });
  unrecorded.clear();
  download.unrecordedSinceMs = undefined;
}

/** The slices that the task speaks of are durable now. */
export function onFlushed(context: Context, task: Exclude<FlushTask, { kind: "drop" }>, now: EpochMs): void {
  const download = context.downloads.get(task.fileId);
  if (download === undefined) return; // cancelled or deleted meanwhile
  if (task.kind === "record") writeRecord(context, download, task.windows, now);
  else complete(context, download, now);
}

function writeRecord(context: Context, download: Download, windows: readonly number[], now: EpochMs): void {
  const proved = new SliceSet(download.proved.length);
  for (const window of windows) if (download.proved.has(window)) proved.add(window);
  const ranges = proved.ranges();
  for (let at = 0; at < ranges.length; at += provedRangesMax) {
    const sequence = context.log.nextSequence();
    const fields = { sequence, fileId: download.fileId, ranges: ranges.slice(at, at + provedRangesMax) };
    context.record(createWindowsProved(fields, now, context.identity), now);
  }
}

function complete(context: Context, download: Download, now: EpochMs): void {
  const { fileId, proof, want } = download;
  download.isFinishing = false;
  if (!download.isWhole || proof === undefined) return; // found damaged meanwhile
  assert(checkProof(fileId, proof) !== undefined, "the leaves that every window matched lead to the file id");
  const { priority, requestedAtMs } = want;
  const sequence = context.log.nextSequence();
  context.record(createFileVerified({ sequence, fileId, priority, requestedAtMs }, now, context.identity), now);
  context.downloads.delete(fileId);
  context.agenda.remove(download);
  context.emit({ kind: "want_changed", fileId });
}
