/**
 * What an event does to the tables, as values: events return them (events/), the log applies them (core/log/apply.ts).
 * Each kind is written so that applying it twice is the same as once, and any two in either order give the same rows.
 */
import type { FileId, PeerId } from "../core/base/ids.ts";
import type { AttachmentRow, DeletionRow, HolderRow, PeerRow, UnreadableRow, WantRow } from "./tables.ts";

export type RowChange =
  /** Ignored when its author has deleted the file. */
  | { readonly kind: "attachment_added"; readonly row: AttachmentRow }
  | { readonly kind: "descriptor_unreadable"; readonly row: UnreadableRow }
  /** Ignored when its author has deleted the file. */
  | { readonly kind: "holder_added"; readonly row: HolderRow }
  /** Hides that author's descriptors of the file. The earliest deletion of two is kept. */
  | { readonly kind: "deletion_added"; readonly row: DeletionRow }
  | { readonly kind: "peer_seen"; readonly row: PeerRow }
  /** Kept when its sequence is higher than the row's. */
  | { readonly kind: "want_set"; readonly row: WantRow }
  /** What was proved before `sequence` counts no more. */
  | { readonly kind: "file_reset"; readonly fileId: FileId; readonly sequence: number }
  /** Ignored when the file was reset later. */
  | { readonly kind: "windows_proved"; readonly fileId: FileId; readonly sequence: number; readonly ranges: Uint8Array }
  /** Ignored when the file was reset later. */
  | { readonly kind: "file_verified"; readonly fileId: FileId; readonly sequence: number };

export const peerSeen = (peerId: PeerId, lastEventMs: number): RowChange => ({
  kind: "peer_seen",
  row: { peerId, lastEventMs },
});
