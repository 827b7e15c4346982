/** The questions that are asked of the tables. Typed by Kysely, compiled once, run as prepared statements. */
import type { SqlDatabase } from "../base/sql.ts";
import type { EventId, FileId, MessageId, PeerId } from "../base/ids.ts";
import type { Range } from "../base/slice-set.ts";
import { decodeWindowRanges } from "../../events/index.ts";
import type { AttachmentRow, UnreadableRow, WantRow } from "../../schema/index.ts";
import { prepareQuery, queries } from "./compile.ts";

const descriptorOf = prepareQuery((p: { fileId: FileId }) =>
  queries
    .selectFrom("attachments")
    .selectAll()
    .where("fileId", "=", p.fileId)
    .orderBy("createdAtMs")
    .orderBy("eventId")
    .limit(1),
);

const descriptorByEvent = prepareQuery((p: { eventId: EventId }) =>
  queries.selectFrom("attachments").selectAll().where("eventId", "=", p.eventId),
);

const attachmentsOf = prepareQuery((p: { messageId: MessageId }) =>
  queries
    .selectFrom("attachments")
    .selectAll()
    .where("messageId", "=", p.messageId)
    .orderBy("createdAtMs")
    .orderBy("eventId"),
);

const allAttachments = prepareQuery((_: Record<never, never>) =>
  queries.selectFrom("attachments").selectAll().orderBy("createdAtMs").orderBy("eventId"),
);

const authoredBy = prepareQuery((p: { fileId: FileId; author: PeerId }) =>
  queries
    .selectFrom("attachments")
    .select("eventId")
    .where("fileId", "=", p.fileId)
    .where("author", "=", p.author)
    .limit(1),
);

const expiredBefore = prepareQuery((p: { nowMs: number }) =>
  queries
    .selectFrom("attachments")
    .select(["eventId", "fileId", "author"])
    .where("expiresAtMs", ">", 0)
    .where("expiresAtMs", "<=", p.nowMs),
);

const nextExpiry = prepareQuery((_: Record<never, never>) =>
  queries.selectFrom("attachments").select("expiresAtMs").where("expiresAtMs", ">", 0).orderBy("expiresAtMs").limit(1),
);

const wantOf = prepareQuery((p: { fileId: FileId }) =>
  queries.selectFrom("wants").selectAll().where("fileId", "=", p.fileId),
);

const allWants = prepareQuery((_: Record<never, never>) =>
  queries.selectFrom("wants").selectAll().orderBy("requestedAtMs").orderBy("fileId"),
);

const verified = prepareQuery((p: { fileId: FileId }) =>
  queries
    .selectFrom("files")
    .select("verifiedSequence")
    .where("fileId", "=", p.fileId)
    .where("verifiedSequence", ">", 0),
);

const resetOf = prepareQuery((p: { fileId: FileId }) =>
  queries.selectFrom("files").select("resetSequence").where("fileId", "=", p.fileId),
);

const provedOf = prepareQuery((p: { fileId: FileId }) =>
  queries.selectFrom("proved").select("ranges").where("fileId", "=", p.fileId),
);

const deletionOf = prepareQuery((p: { fileId: FileId }) =>
  queries.selectFrom("deletions").select("author").where("fileId", "=", p.fileId).limit(1),
);

const allUnreadable = prepareQuery((_: Record<never, never>) => queries.selectFrom("unreadable").selectAll());

const holdersOf = prepareQuery((p: { fileId: FileId }) =>
  queries.selectFrom("holders").select("peerId").where("fileId", "=", p.fileId),
);

const knownPeer = prepareQuery((p: { peerId: PeerId }) =>
  queries.selectFrom("peers").select("peerId").where("peerId", "=", p.peerId),
);

export class LogQueries {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** The first descriptor of the file; all of them agree on key and length. */
  descriptor(fileId: FileId): AttachmentRow | undefined {
    return descriptorOf.one(this.#database, { fileId });
  }

  descriptorByEvent(eventId: EventId): AttachmentRow | undefined {
    return descriptorByEvent.one(this.#database, { eventId });
  }

  attachments(messageId?: MessageId): AttachmentRow[] {
    return messageId === undefined
      ? allAttachments.all(this.#database, {})
      : attachmentsOf.all(this.#database, { messageId });
  }

  isAuthor(fileId: FileId, author: PeerId): boolean {
    return authoredBy.one(this.#database, { fileId, author }) !== undefined;
  }

  expired(nowMs: number): { eventId: EventId; fileId: FileId; author: PeerId }[] {
    return expiredBefore.all(this.#database, { nowMs });
  }

  nextExpiryMs(): number | undefined {
    return nextExpiry.one(this.#database, {})?.expiresAtMs;
  }

  want(fileId: FileId): WantRow | undefined {
    return wantOf.one(this.#database, { fileId });
  }

  wants(): WantRow[] {
    return allWants.all(this.#database, {});
  }

  isVerified(fileId: FileId): boolean {
    return verified.one(this.#database, { fileId }) !== undefined;
  }

  /** Sequence of the last event that threw the file's slices away; 0: none did. */
  resetSequence(fileId: FileId): number {
    return resetOf.one(this.#database, { fileId })?.resetSequence ?? 0;
  }

  provedWindows(fileId: FileId): Range[] {
    return provedOf.all(this.#database, { fileId }).flatMap(({ ranges }) => decodeWindowRanges(ranges));
  }

  /** Deleted, with no descriptor left that says otherwise. */
  isDeleted(fileId: FileId): boolean {
    return deletionOf.one(this.#database, { fileId }) !== undefined && this.descriptor(fileId) === undefined;
  }

  unreadable(): UnreadableRow[] {
    return allUnreadable.all(this.#database, {});
  }

  holders(fileId: FileId): PeerId[] {
    return holdersOf.all(this.#database, { fileId }).map(({ peerId }) => peerId);
  }

  isKnownPeer(peerId: PeerId): boolean {
    return knownPeer.one(this.#database, { peerId }) !== undefined;
  }
}
