/**
 * How the tables change, typed by Kysely (schema/builder.ts) and compiled as the reads are (schema/reads.ts). Each is written
 * so that changes commute and repeat harmlessly.
 */
import type { EventId, FileId, PeerId } from "../core/base/ids.ts";
import { queries, sql, statement } from "./builder.ts";
import type { AttachmentRow, DeletionRow, HolderRow, PeerRow, UnreadableRow, WantRow } from "./tables.ts";

const attachmentColumns = [
  "eventId",
  "fileId",
  "messageId",
  "author",
  "createdAtMs",
  "expiresAtMs",
  "fileBytes",
  "sliceCount",
  "noncePrefix",
  "fileKey",
  "rootHash",
  "name",
  "mediaType",
  "width",
  "height",
  "preview",
] as const satisfies readonly (keyof AttachmentRow)[];

const wantColumns = ["fileId", "sequence", "status", "priority", "requestedAtMs", "expiresAtMs", "failure"] as const;

export const writes = {
  addAttachment: statement((p: Values<AttachmentRow>) =>
    queries
      .insertInto("attachments")
      .values({ ...columnsOf(p, attachmentColumns) } as never)
      .onConflict((conflict) => conflict.doNothing()),
  ),

  addUnreadable: statement((p: Values<UnreadableRow>) =>
    queries
      .insertInto("unreadable")
      .values({ eventId: p.eventId, keyId: p.keyId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  removeUnreadable: statement((p: { eventId: EventId }) =>
    queries.deleteFrom("unreadable").where("eventId", "=", p.eventId),
  ),

  addHolder: statement((p: Values<HolderRow>) =>
    queries
      .insertInto("holders")
      .values({ fileId: p.fileId, peerId: p.peerId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  removeHolder: statement((p: Values<HolderRow>) =>
    queries.deleteFrom("holders").where("fileId", "=", p.fileId).where("peerId", "=", p.peerId),
  ),

  addDeletion: statement((p: Values<DeletionRow>) =>
    queries
      .insertInto("deletions")
      .values({ fileId: p.fileId, author: p.author, createdAtMs: p.createdAtMs, reason: p.reason })
      .onConflict((conflict) =>
        conflict
          .columns(["fileId", "author"])
          .doUpdateSet((excluded) => ({
            createdAtMs: excluded.ref("excluded.createdAtMs"),
            reason: excluded.ref("excluded.reason"),
          }))
          // Of two deletions the earlier is kept, of two at one time the one with the lower reason: a choice that does not
          // depend on which came first.
          .where(sql<boolean>`(excluded.createdAtMs, excluded.reason) < (deletions.createdAtMs, deletions.reason)`),
      ),
  ),

  removeDescriptorsBy: statement((p: { fileId: FileId; author: PeerId }) =>
    queries.deleteFrom("attachments").where("fileId", "=", p.fileId).where("author", "=", p.author),
  ),

  seePeer: statement((p: Values<PeerRow>) =>
    queries
      .insertInto("peers")
      .values({ peerId: p.peerId, lastEventMs: p.lastEventMs })
      .onConflict((conflict) =>
        conflict
          .column("peerId")
          .doUpdateSet((excluded) => ({ lastEventMs: excluded.ref("excluded.lastEventMs") }))
          .where(sql<boolean>`excluded.lastEventMs > peers.lastEventMs`),
      ),
  ),

  setWant: statement((p: Values<WantRow>) =>
    queries
      .insertInto("wants")
      .values({ ...columnsOf(p, wantColumns) } as never)
      .onConflict((conflict) =>
        conflict
          .column("fileId")
          .doUpdateSet((excluded) => ({
            sequence: excluded.ref("excluded.sequence"),
            status: excluded.ref("excluded.status"),
            priority: excluded.ref("excluded.priority"),
            requestedAtMs: excluded.ref("excluded.requestedAtMs"),
            expiresAtMs: excluded.ref("excluded.expiresAtMs"),
            failure: excluded.ref("excluded.failure"),
          }))
          .where(sql<boolean>`excluded.sequence > wants.sequence`),
      ),
  ),

  ensureFile: statement((p: { fileId: FileId }) =>
    queries
      .insertInto("files")
      .values({ fileId: p.fileId, resetSequence: 0, verifiedSequence: 0 })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  resetFile: statement((p: { fileId: FileId; sequence: number; alsoSequence: number }) =>
    queries
      .updateTable("files")
      .set({
        resetSequence: p.sequence,
        verifiedSequence: sql<number>`CASE WHEN verifiedSequence < ${p.sequence} THEN 0 ELSE verifiedSequence END`,
      })
      .where("fileId", "=", p.fileId)
      .where("resetSequence", "<", p.alsoSequence),
  ),

  removeProvedBefore: statement((p: { fileId: FileId; sequence: number }) =>
    queries.deleteFrom("proved").where("fileId", "=", p.fileId).where("sequence", "<", p.sequence),
  ),

  addProved: statement((p: { fileId: FileId; sequence: number; ranges: Uint8Array }) =>
    queries
      .insertInto("proved")
      .values({ fileId: p.fileId, sequence: p.sequence, ranges: p.ranges })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  verifyFile: statement((p: { fileId: FileId; sequence: number; alsoSequence: number }) =>
    queries
      .updateTable("files")
      .set({ verifiedSequence: p.sequence })
      .where("fileId", "=", p.fileId)
      .where("verifiedSequence", "<", p.alsoSequence),
  ),
};

type Values<Row> = { [Name in keyof Row]: Row[Name] };

/** Placeholders for every column, by name: a proxy cannot be spread. */
function columnsOf<Row extends object>(p: Row, columns: readonly (keyof Row)[]): Row {
  return Object.fromEntries(columns.map((column) => [column, p[column]])) as unknown as Row;
}
