/**
 * `file_deleted`: its author takes a file back. It hides that author's descriptors of the file, whichever arrives
 * first; when none is left the slices are dropped and the key is shredded (core/log/deletion.ts). A descriptor of the
 * same file by another author stays: nobody can delete what someone else attached.
 */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import { fileIdField, u8 } from "../core/codec/field.ts";
import { ok, type Result } from "../core/base/result.ts";
import type { EpochMs, FileId } from "../core/base/ids.ts";
import type { Identity } from "../core/base/identity.ts";
import { peerSeen, type RowChange } from "../schema/index.ts";
import { createEvent, type Event } from "./envelope.ts";

export const fileDeletedType = 0x05;

/** Why, for the app to show. */
export const deletionReasons = { unspecified: 0, byUser: 1, expired: 2 } as const;
export type DeletionReason = (typeof deletionReasons)[keyof typeof deletionReasons];

export const fileDeletedLayout = layout("file_deleted", "event_malformed", {
  fileId: column(fileIdField, "the file that its author takes back"),
  reason: column(u8, "0 unspecified, 1 by the user, 2 expired; others are kept as they are"),
});

export type FileDeleted = ValueOf<typeof fileDeletedLayout>;

export function createFileDeleted(
  fileId: FileId,
  reason: DeletionReason,
  createdAtMs: EpochMs,
  identity: Identity,
): Event {
  const payload = fileDeletedLayout.encode({ fileId, reason });
  return createEvent({ type: fileDeletedType, createdAtMs, ttlMs: 0, payload }, identity);
}

export function projectFileDeleted(event: Event): Result<RowChange[]> {
  const decoded = fileDeletedLayout.decode(event.payload);
  if (!decoded.ok) return decoded;
  const { fileId, reason } = decoded.value;
  return ok([
    peerSeen(event.author, event.createdAtMs),
    { kind: "deletion_added", row: { fileId, author: event.author, createdAtMs: event.createdAtMs, reason } },
  ]);
}
