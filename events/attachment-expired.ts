/**
 * `attachment_expired`, local: the time to live that an author gave an attachment is over. It hides that author's
 * descriptors of the file just as a deletion does; every device comes to it by its own clock.
 */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import { fileIdField, peerIdField, u64 } from "../core/codec/field.ts";
import { ok, type Result } from "../core/base/result.ts";
import type { EpochMs } from "../core/base/ids.ts";
import type { Identity } from "../core/base/identity.ts";
import type { RowChange } from "../schema/index.ts";
import { createEvent, type Event } from "./envelope.ts";
import { deletionReasons } from "./file-deleted.ts";

export const attachmentExpiredType = 0x43;

export const attachmentExpiredLayout = layout("attachment_expired", "event_malformed", {
  sequence: column(u64, "counts the local events of this device"),
  fileId: column(fileIdField, "the file"),
  author: column(peerIdField, "whose descriptors of it are over"),
});

export type AttachmentExpired = ValueOf<typeof attachmentExpiredLayout>;

export function createAttachmentExpired(fields: AttachmentExpired, createdAtMs: EpochMs, identity: Identity): Event {
  const payload = attachmentExpiredLayout.encode(fields);
  return createEvent({ type: attachmentExpiredType, createdAtMs, ttlMs: 0, payload }, identity);
}

export function projectAttachmentExpired(event: Event): Result<RowChange[]> {
  const decoded = attachmentExpiredLayout.decode(event.payload);
  if (!decoded.ok) return decoded;
  const { fileId, author } = decoded.value;
  return ok([
    {
      kind: "deletion_added",
      row: { fileId, author, createdAtMs: event.createdAtMs, reason: deletionReasons.expired },
    },
  ]);
}
