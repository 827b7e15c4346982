/**
 * The questions that are asked of the tables, typed by Kysely (schema/builder.ts). What runs is schema/compiled.ts: after
 * a change here `npm run docs:generate` writes it anew, and a test fails until then.
 */
import type { EventId, FileId, MessageId, PeerId } from "../core/base/ids.ts";
import type { WantStatus } from "../core/base/want-status.ts";
import { queries, statement } from "./builder.ts";

export const reads = {
  descriptorOf: statement((p: { fileId: FileId }) =>
    queries
      .selectFrom("attachments")
      .selectAll()
      .where("fileId", "=", p.fileId)
      .orderBy("createdAtMs")
      .orderBy("eventId")
      .limit(1),
  ),

  anyDescriptorOf: statement((p: { fileId: FileId }) =>
    queries.selectFrom("attachments").select("eventId").where("fileId", "=", p.fileId).limit(1),
  ),

  descriptorByEvent: statement((p: { eventId: EventId }) =>
    queries.selectFrom("attachments").selectAll().where("eventId", "=", p.eventId),
  ),

  attachmentsOf: statement((p: { messageId: MessageId }) =>
    queries
      .selectFrom("attachments")
      .selectAll()
      .where("messageId", "=", p.messageId)
      .orderBy("createdAtMs")
      .orderBy("eventId"),
  ),

  allAttachments: statement((_: Record<never, never>) =>
    queries.selectFrom("attachments").selectAll().orderBy("createdAtMs").orderBy("eventId"),
  ),

  authoredBy: statement((p: { fileId: FileId; author: PeerId }) =>
    queries
      .selectFrom("attachments")
      .select("eventId")
      .where("fileId", "=", p.fileId)
      .where("author", "=", p.author)
      .limit(1),
  ),

  expiredBefore: statement((p: { nowMs: number }) =>
    queries
      .selectFrom("attachments")
      .select(["eventId", "fileId", "author"])
      .where("expiresAtMs", ">", 0)
      .where("expiresAtMs", "<=", p.nowMs),
  ),

  nextExpiry: statement((_: Record<never, never>) =>
    queries
      .selectFrom("attachments")
      .select("expiresAtMs")
      .where("expiresAtMs", ">", 0)
      .orderBy("expiresAtMs")
      .limit(1),
  ),

  wantOf: statement((p: { fileId: FileId }) => queries.selectFrom("wants").selectAll().where("fileId", "=", p.fileId)),

  anyWantOf: statement((p: { fileId: FileId }) =>
    queries.selectFrom("wants").select("fileId").where("fileId", "=", p.fileId),
  ),

  wantsWith: statement((p: { status: WantStatus }) =>
    queries.selectFrom("wants").selectAll().where("status", "=", p.status),
  ),

  allWants: statement((_: Record<never, never>) =>
    queries.selectFrom("wants").selectAll().orderBy("requestedAtMs").orderBy("fileId"),
  ),

  verified: statement((p: { fileId: FileId }) =>
    queries
      .selectFrom("files")
      .select("verifiedSequence")
      .where("fileId", "=", p.fileId)
      .where("verifiedSequence", ">", 0),
  ),

  resetOf: statement((p: { fileId: FileId }) =>
    queries.selectFrom("files").select("resetSequence").where("fileId", "=", p.fileId),
  ),

  provedOf: statement((p: { fileId: FileId }) =>
    queries.selectFrom("proved").select("ranges").where("fileId", "=", p.fileId),
  ),

  deletionOf: statement((p: { fileId: FileId }) =>
    queries.selectFrom("deletions").select("author").where("fileId", "=", p.fileId).limit(1),
  ),

  allUnreadable: statement((_: Record<never, never>) => queries.selectFrom("unreadable").selectAll()),

  unreadableWithout: statement((p: { keyId: string }) =>
    queries.selectFrom("unreadable").selectAll().where("keyId", "=", p.keyId),
  ),

  holdersOf: statement((p: { fileId: FileId }) =>
    queries.selectFrom("holders").select("peerId").where("fileId", "=", p.fileId),
  ),

  knownPeer: statement((p: { peerId: PeerId }) =>
    queries.selectFrom("peers").select("peerId").where("peerId", "=", p.peerId),
  ),

  deletionBy: statement((p: { fileId: FileId; author: PeerId }) =>
    queries.selectFrom("deletions").select("createdAtMs").where("fileId", "=", p.fileId).where("author", "=", p.author),
  ),

  descriptorsBy: statement((p: { fileId: FileId; author: PeerId }) =>
    queries.selectFrom("attachments").select("eventId").where("fileId", "=", p.fileId).where("author", "=", p.author),
  ),

  fileRow: statement((p: { fileId: FileId }) =>
    queries.selectFrom("files").select(["resetSequence", "verifiedSequence"]).where("fileId", "=", p.fileId),
  ),
};
