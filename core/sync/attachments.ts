/** What follows from descriptors that come and go. */
import { done, fail, type Result } from "../base/result.ts";
import type { EpochMs, FileId } from "../base/ids.ts";
import type { Event } from "../../events/index.ts";
import { messageAttachmentType } from "../../events/message-attachment.ts";
import { createAttachmentExpired, createFileDeleted, deletionReasons } from "../../events/index.ts";
import type { Context } from "./context.ts";
import { dropSlices } from "./drops.ts";
import { finishWhenWhole } from "./finish.ts";
import { learnDescriptor } from "./restore.ts";
import { failWant, wantOf } from "./want-control.ts";

/** A descriptor that can be read: a want that waited for it gets its key. */
export function onAttachmentKnown(context: Context, known: FileId | Event): void {
  const row = typeof known === "string" ? context.log.queries.descriptor(known) : rowOf(context, known);
  if (row === undefined) return;
  const download = context.downloads.get(row.fileId);
  if (download !== undefined && !context.drops.has(row.fileId)) {
    learnDescriptor(download, row);
    finishWhenWhole(context, download);
  }
  context.emit({ kind: "attachment_added", fileId: row.fileId });
}

function rowOf(context: Context, event: Event): ReturnType<Context["log"]["queries"]["descriptor"]> {
  return event.type === messageAttachmentType ? context.log.queries.descriptorByEvent(event.id) : undefined;
}

/** No descriptor is left of these files: their slices are dropped, and whoever wanted one is told. */
export function onFilesGone(context: Context, gone: readonly FileId[], now: EpochMs): void {
  for (const fileId of gone) {
    const status = wantOf(context, fileId)?.status;
    if (status === "active" || status === "paused" || status === "complete")
      failWant(context, fileId, "file_deleted", true, now);
    if (!context.drops.has(fileId)) dropSlices(context, fileId);
    context.emit({ kind: "attachment_gone", fileId });
  }
}

/** Attachments whose time to live is over: hidden on this device, whoever made them. */
export function expireAttachments(context: Context, now: EpochMs): void {
  for (const { fileId, author } of context.log.queries.expired(now)) {
    const sequence = context.log.nextSequence();
    context.record(createAttachmentExpired({ sequence, fileId, author }, now, context.identity), now);
  }
}

/** For everyone, by the author. */
export function deleteFile(context: Context, fileId: FileId, now: EpochMs): Result<void> {
  const { log, identity } = context;
  if (log.queries.isDeleted(fileId)) return done;
  if (log.queries.descriptor(fileId) === undefined) return fail("file_unknown");
  if (!log.queries.isAuthor(fileId, identity.peerId)) return fail("not_author");
  const event = createFileDeleted(fileId, deletionReasons.byUser, now, identity);
  context.record(event, now);
  context.announce([event.id], undefined);
  return done;
}
