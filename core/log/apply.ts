/**
 * Row changes, applied. Each statement is written so that changes commute and repeat harmlessly: that, and not the order
 * of arrival, is why every device with the same log has the same tables.
 */
import { assert, unreachable } from "../base/assert.ts";
import type { EventId, FileId, PeerId } from "../base/ids.ts";
import type { SqlDatabase } from "../base/sql.ts";
import type {
  AttachmentRow,
  DeletionRow,
  HolderRow,
  PeerRow,
  RowChange,
  UnreadableRow,
  WantRow,
} from "../../schema/index.ts";
import { prepareChange, prepareQuery, queries, sql } from "./compile.ts";

/** What a change did that others have to act on. */
export interface Applied {
  /** Descriptors that a deletion hides, to be shredded. */
  readonly hidden: { readonly eventId: EventId; readonly fileId: FileId }[];
}

const addAttachment = prepareChange((p: Values<AttachmentRow>) =>
  queries
    .insertInto("attachments")
    .values({ ...columnsOf(p, attachmentColumns) } as never)
    .onConflict((conflict) => conflict.doNothing()),
);

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

const deletionBy = prepareQuery((p: { fileId: FileId; author: PeerId }) =>
  queries.selectFrom("deletions").select("createdAtMs").where("fileId", "=", p.fileId).where("author", "=", p.author),
);

const addUnreadable = prepareChange((p: Values<UnreadableRow>) =>
  queries
    .insertInto("unreadable")
    .values({ eventId: p.eventId, keyId: p.keyId })
    .onConflict((conflict) => conflict.doNothing()),
);

const removeUnreadable = prepareChange((p: { eventId: EventId }) =>
  queries.deleteFrom("unreadable").where("eventId", "=", p.eventId),
);

const addHolder = prepareChange((p: Values<HolderRow>) =>
  queries
    .insertInto("holders")
    .values({ fileId: p.fileId, peerId: p.peerId })
    .onConflict((conflict) => conflict.doNothing()),
);

const removeHolder = prepareChange((p: Values<HolderRow>) =>
  queries.deleteFrom("holders").where("fileId", "=", p.fileId).where("peerId", "=", p.peerId),
);

const addDeletion = prepareChange((p: Values<DeletionRow>) =>
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
);

const descriptorsBy = prepareQuery((p: { fileId: FileId; author: PeerId }) =>
  queries.selectFrom("attachments").select("eventId").where("fileId", "=", p.fileId).where("author", "=", p.author),
);

const removeDescriptorsBy = prepareChange((p: { fileId: FileId; author: PeerId }) =>
  queries.deleteFrom("attachments").where("fileId", "=", p.fileId).where("author", "=", p.author),
);

const seePeer = prepareChange((p: Values<PeerRow>) =>
  queries
    .insertInto("peers")
    .values({ peerId: p.peerId, lastEventMs: p.lastEventMs })
    .onConflict((conflict) =>
      conflict
        .column("peerId")
        .doUpdateSet((excluded) => ({ lastEventMs: excluded.ref("excluded.lastEventMs") }))
        .where(sql<boolean>`excluded.lastEventMs > peers.lastEventMs`),
    ),
);

const wantColumns = ["fileId", "sequence", "status", "priority", "requestedAtMs", "expiresAtMs", "failure"] as const;

const setWant = prepareChange((p: Values<WantRow>) =>
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
);

const ensureFile = prepareChange((p: { fileId: FileId }) =>
  queries
    .insertInto("files")
    .values({ fileId: p.fileId, resetSequence: 0, verifiedSequence: 0 })
    .onConflict((conflict) => conflict.doNothing()),
);

const resetFile = prepareChange((p: { fileId: FileId; sequence: number; alsoSequence: number }) =>
  queries
    .updateTable("files")
    .set({
      resetSequence: p.sequence,
      verifiedSequence: sql<number>`CASE WHEN verifiedSequence < ${p.sequence} THEN 0 ELSE verifiedSequence END`,
    })
    .where("fileId", "=", p.fileId)
    .where("resetSequence", "<", p.alsoSequence),
);

const removeProvedBefore = prepareChange((p: { fileId: FileId; sequence: number }) =>
  queries.deleteFrom("proved").where("fileId", "=", p.fileId).where("sequence", "<", p.sequence),
);

const fileRow = prepareQuery((p: { fileId: FileId }) =>
  queries.selectFrom("files").select(["resetSequence", "verifiedSequence"]).where("fileId", "=", p.fileId),
);

const addProved = prepareChange((p: { fileId: FileId; sequence: number; ranges: Uint8Array }) =>
  queries
    .insertInto("proved")
    .values({ fileId: p.fileId, sequence: p.sequence, ranges: p.ranges })
    .onConflict((conflict) => conflict.doNothing()),
);

const verifyFile = prepareChange((p: { fileId: FileId; sequence: number; alsoSequence: number }) =>
  queries
    .updateTable("files")
    .set({ verifiedSequence: p.sequence })
    .where("fileId", "=", p.fileId)
    .where("verifiedSequence", "<", p.alsoSequence),
);

/** Applies the changes of one event; within a transaction of the caller's. */
export function applyChanges(database: SqlDatabase, eventId: EventId, changes: readonly RowChange[]): Applied {
  const hidden: Applied["hidden"] = [];
  for (const change of changes) {
    switch (change.kind) {
      case "attachment_added":
        removeUnreadable.run(database, { eventId });
        if (deletionBy.one(database, change.row) !== undefined) hidden.push({ eventId, fileId: change.row.fileId });
        else addAttachment.run(database, { ...change.row });
        break;
      case "descriptor_unreadable":
        addUnreadable.run(database, { ...change.row });
        break;
      case "holder_added":
        if (deletionBy.one(database, { fileId: change.row.fileId, author: change.row.peerId }) === undefined) {
          addHolder.run(database, { ...change.row });
        }
        break;
      case "deletion_added":
        applyDeletion(database, change.row, hidden);
        break;
      case "peer_seen":
        seePeer.run(database, { ...change.row });
        break;
      case "want_set":
        setWant.run(database, { ...change.row });
        break;
      case "file_reset":
      case "windows_proved":
      case "file_verified":
        applyToFile(database, change);
        break;
      default:
        unreachable(change);
    }
  }
  return { hidden };
}

function applyDeletion(database: SqlDatabase, row: DeletionRow, hidden: Applied["hidden"]): void {
  const { fileId, author } = row;
  for (const { eventId } of descriptorsBy.all(database, { fileId, author })) hidden.push({ eventId, fileId });
  addDeletion.run(database, { ...row });
  removeDescriptorsBy.run(database, { fileId, author });
  removeHolder.run(database, { fileId, peerId: author });
}

type FileChange = Extract<RowChange, { kind: "file_reset" | "windows_proved" | "file_verified" }>;

function applyToFile(database: SqlDatabase, change: FileChange): void {
  const { fileId, sequence } = change;
  ensureFile.run(database, { fileId });
  const row = fileRow.one(database, { fileId });
  assert(row !== undefined, "the row was ensured");
  switch (change.kind) {
    case "file_reset":
      resetFile.run(database, { fileId, sequence, alsoSequence: sequence });
      removeProvedBefore.run(database, { fileId, sequence });
      break;
    case "windows_proved":
      // Proof of single windows is moot once the whole file is verified, before it or after.
      if (sequence > row.resetSequence && sequence > row.verifiedSequence)
        addProved.run(database, { fileId, sequence, ranges: change.ranges });
      break;
    case "file_verified":
      if (sequence <= row.resetSequence) break;
      verifyFile.run(database, { fileId, sequence, alsoSequence: sequence });
      removeProvedBefore.run(database, { fileId, sequence });
      break;
    default:
      unreachable(change);
  }
}

type Values<Row> = { [Name in keyof Row]: Row[Name] };

/** Placeholders for every column, by name: a proxy cannot be spread. */
function columnsOf<Row extends object>(p: Row, columns: readonly (keyof Row)[]): Row {
  return Object.fromEntries(columns.map((column) => [column, p[column]])) as unknown as Row;
}
