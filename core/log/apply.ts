/**
 * Row changes, applied. Each statement (schema/writes.ts) is written so that changes commute and repeat harmlessly: that,
 * and not the order of arrival, is why every device with the same log has the same tables.
 */
import { assert, unreachable } from "../base/assert.ts";
import type { EventId, FileId } from "../base/ids.ts";
import type { SqlDatabase } from "../base/sql.ts";
import type { DeletionRow, RowChange } from "../../schema/index.ts";
import { reads, writes } from "./statements.ts";

/** What a change did that others have to act on. */
export interface Applied {
  /** Descriptors that a deletion hides, to be shredded. */
  readonly hidden: { readonly eventId: EventId; readonly fileId: FileId }[];
}

/** Applies the changes of one event; within a transaction of the caller's. */
export function applyChanges(database: SqlDatabase, eventId: EventId, changes: readonly RowChange[]): Applied {
  const hidden: Applied["hidden"] = [];
  for (const change of changes) {
    switch (change.kind) {
      case "attachment_added":
        writes.removeUnreadable.run(database, { eventId });
        if (reads.deletionBy.one(database, change.row) !== undefined)
          hidden.push({ eventId, fileId: change.row.fileId });
        else writes.addAttachment.run(database, { ...change.row });
        break;
      case "descriptor_unreadable":
        writes.addUnreadable.run(database, { ...change.row });
        break;
      case "holder_added":
        if (reads.deletionBy.one(database, { fileId: change.row.fileId, author: change.row.peerId }) === undefined) {
          writes.addHolder.run(database, { ...change.row });
        }
        break;
      case "deletion_added":
        applyDeletion(database, change.row, hidden);
        break;
      case "peer_seen":
        writes.seePeer.run(database, { ...change.row });
        break;
      case "want_set":
        writes.setWant.run(database, { ...change.row });
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
  for (const { eventId } of reads.descriptorsBy.all(database, { fileId, author })) hidden.push({ eventId, fileId });
  writes.addDeletion.run(database, { ...row });
  writes.removeDescriptorsBy.run(database, { fileId, author });
  writes.removeHolder.run(database, { fileId, peerId: author });
}

type FileChange = Extract<RowChange, { kind: "file_reset" | "windows_proved" | "file_verified" }>;

function applyToFile(database: SqlDatabase, change: FileChange): void {
  const { fileId, sequence } = change;
  writes.ensureFile.run(database, { fileId });
  const row = reads.fileRow.one(database, { fileId });
  assert(row !== undefined, "the row was ensured");
  switch (change.kind) {
    case "file_reset":
      writes.resetFile.run(database, { fileId, sequence, alsoSequence: sequence });
      writes.removeProvedBefore.run(database, { fileId, sequence });
      break;
    case "windows_proved":
      // Proof of single windows is moot once the whole file is verified, before it or after.
      if (sequence > row.resetSequence && sequence > row.verifiedSequence)
        writes.addProved.run(database, { fileId, sequence, ranges: change.ranges });
      break;
    case "file_verified":
      if (sequence <= row.resetSequence) break;
      writes.verifyFile.run(database, { fileId, sequence, alsoSequence: sequence });
      writes.removeProvedBefore.run(database, { fileId, sequence });
      break;
    default:
      unreachable(change);
  }
}
