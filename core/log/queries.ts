/** What is asked of the tables; the statements are in schema/reads.ts. */
import type { SqlDatabase } from "../base/sql.ts";
import type { EventId, FileId, MessageId, PeerId } from "../base/ids.ts";
import type { Range } from "../base/slice-set.ts";
import type { WantStatus } from "../base/want-status.ts";
import { decodeWindowRanges } from "../../events/index.ts";
import type { AttachmentRow, UnreadableRow, WantRow } from "../../schema/index.ts";
import { reads } from "./statements.ts";

export class LogQueries {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** The first descriptor of the file; all of them agree on key and length. */
  descriptor(fileId: FileId): AttachmentRow | undefined {
    return reads.descriptorOf.one(this.#database, { fileId });
  }

  hasDescriptor(fileId: FileId): boolean {
    return reads.anyDescriptorOf.one(this.#database, { fileId }) !== undefined;
  }

  descriptorByEvent(eventId: EventId): AttachmentRow | undefined {
    return reads.descriptorByEvent.one(this.#database, { eventId });
  }

  attachments(messageId?: MessageId): AttachmentRow[] {
    return messageId === undefined
      ? reads.allAttachments.all(this.#database, {})
      : reads.attachmentsOf.all(this.#database, { messageId });
  }

  isAuthor(fileId: FileId, author: PeerId): boolean {
    return reads.authoredBy.one(this.#database, { fileId, author }) !== undefined;
  }

  expired(nowMs: number): { eventId: EventId; fileId: FileId; author: PeerId }[] {
    return reads.expiredBefore.all(this.#database, { nowMs });
  }

  nextExpiryMs(): number | undefined {
    return reads.nextExpiry.one(this.#database, {})?.expiresAtMs;
  }

  want(fileId: FileId): WantRow | undefined {
    return reads.wantOf.one(this.#database, { fileId });
  }

  hasWant(fileId: FileId): boolean {
    return reads.anyWantOf.one(this.#database, { fileId }) !== undefined;
  }

  /** All there ever were, in the order in which they were requested. */
  wants(): WantRow[] {
    return reads.allWants.all(this.#database, {});
  }

  /** Those that are in one of these states, in the order in which they were requested. */
  wantsThatAre(...statuses: readonly WantStatus[]): WantRow[] {
    return statuses
      .flatMap((status) => reads.wantsWith.all(this.#database, { status }))
      .sort((a, b) => a.requestedAtMs - b.requestedAtMs || (a.fileId < b.fileId ? -1 : 1));
  }

  isVerified(fileId: FileId): boolean {
    return reads.verified.one(this.#database, { fileId }) !== undefined;
  }

  /** Sequence of the last event that threw the file's slices away; 0: none did. */
  resetSequence(fileId: FileId): number {
    return reads.resetOf.one(this.#database, { fileId })?.resetSequence ?? 0;
  }

  provedWindows(fileId: FileId): Range[] {
    return reads.provedOf.all(this.#database, { fileId }).flatMap(({ ranges }) => decodeWindowRanges(ranges));
  }

  /** Deleted, with no descriptor left that says otherwise. */
  isDeleted(fileId: FileId): boolean {
    return reads.deletionOf.one(this.#database, { fileId }) !== undefined && !this.hasDescriptor(fileId);
  }

  /** Descriptors that wait for this key of the group, or for any. */
  unreadable(keyId?: string): UnreadableRow[] {
    return keyId === undefined
      ? reads.allUnreadable.all(this.#database, {})
      : reads.unreadableWithout.all(this.#database, { keyId });
  }

  holders(fileId: FileId): PeerId[] {
    return reads.holdersOf.all(this.#database, { fileId }).map(({ peerId }) => peerId);
  }

  isKnownPeer(peerId: PeerId): boolean {
    return reads.knownPeer.one(this.#database, { peerId }) !== undefined;
  }
}
