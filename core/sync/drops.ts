/**
 * Slices that are thrown away: only once the record of it is durable. The other way round a loss of power could keep the
 * removal and lose the record, and a want would come back that counts on slices which are no more (G-2, G-9).
 *
 * Until then the file is neither restored nor asked for, so that requesting it again starts clean (G-5).
 */
import type { EpochMs, FileId } from "../base/ids.ts";
import type { Context } from "./context.ts";
import { restoreDownload } from "./restore.ts";

export function dropSlices(context: Context, fileId: FileId): void {
  context.drops.add(fileId);
  context.agenda.reorder();
  context.flushTasks.push({ kind: "drop", fileId });
}

/** The record is durable. */
export function onDropRecorded(context: Context, fileId: FileId, now: EpochMs): void {
  if (!context.drops.has(fileId)) return; // asked for twice
  context.log.slices.remove(fileId);
  context.drops.delete(fileId);
  context.agenda.reorder();
  const download = context.downloads.get(fileId);
  if (download !== undefined) restoreDownload(context, download, now);
}

/** What a crash left of files that were thrown away before it. */
export function dropLeftovers(context: Context): void {
  const { log } = context;
  const ended = log.queries.wantsThatAre("failed", "cancelled", "expired");
  if (ended.length === 0) return;
  const there = new Set(log.slices.fileIds());
  for (const { fileId, sequence } of ended) {
    if (!there.has(fileId)) continue;
    if (log.queries.resetSequence(fileId) >= sequence || log.queries.isDeleted(fileId)) dropSlices(context, fileId);
  }
}
