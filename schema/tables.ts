/**
 * The tables that a device remembers, as Kysely sees them. Every one is a projection of the log: dropping them all and
 * replaying the log gives them back, row for row (G-3). Ids are lower-case hex, times are milliseconds since 1970, 0 is
 * "none" for a time.
 */
import type { EventId, FileId, MessageId, PeerId } from "../core/base/ids.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { WantStatus } from "../core/base/want-status.ts";

/** One row a readable descriptor that its author has not deleted. */
export interface AttachmentRow {
  eventId: EventId;
  fileId: FileId;
  messageId: MessageId;
  author: PeerId;
  createdAtMs: number;
  /** 0: never. */
  expiresAtMs: number;
  fileBytes: number;
  sliceCount: number;
  noncePrefix: Uint8Array;
  fileKey: Uint8Array;
  rootHash: Uint8Array;
  name: string;
  mediaType: string;
  /** Pixels; 0: not given. */
  width: number;
  height: number;
  /** A thumbhash or blurhash; empty: not given. */
  preview: Uint8Array;
}

/** One row a descriptor that no group key at hand opens; tried again when the app hands over keys. */
export interface UnreadableRow {
  eventId: EventId;
  /** The first bytes of a hash of the group key that would open it. */
  keyId: string;
}

/** One row a file whose proved windows or completion are on record. */
export interface FileRow {
  fileId: FileId;
  /** Sequence of the last event that threw the slices away; what was proved before it counts no more. */
  resetSequence: number;
  /** Sequence of the file_verified event; 0: not verified. */
  verifiedSequence: number;
}

/** One row a windows_proved event of a file that is not verified yet. */
export interface ProvedRow {
  fileId: FileId;
  sequence: number;
  /** The ranges as the event carries them. */
  ranges: Uint8Array;
}

/** The user's will about a file: the row of the event with the highest sequence. */
export interface WantRow {
  fileId: FileId;
  sequence: number;
  status: WantStatus;
  priority: number;
  requestedAtMs: number;
  /** 0: never. */
  expiresAtMs: number;
  /** Why a failed want failed; empty otherwise. */
  failure: ErrorCode | "";
}

/** One row an author of any event. */
export interface PeerRow {
  peerId: PeerId;
  lastEventMs: number;
}

/** Who deleted what: it hides the descriptors of that author, whichever came first. */
export interface DeletionRow {
  fileId: FileId;
  author: PeerId;
  createdAtMs: number;
  reason: number;
}

/** Who can be expected to hold a file: the authors of its descriptors. */
export interface HolderRow {
  fileId: FileId;
  peerId: PeerId;
}

export interface Database {
  attachments: AttachmentRow;
  unreadable: UnreadableRow;
  files: FileRow;
  proved: ProvedRow;
  wants: WantRow;
  peers: PeerRow;
  deletions: DeletionRow;
  holders: HolderRow;
}
