/** What is true: one file an event type. This is the registry: how each type is checked and what it does to the tables. */
import { fail, ok, type Result } from "../core/base/result.ts";
import type { EpochMs, PeerId } from "../core/base/ids.ts";
import { eventFutureMsMax } from "../core/limits.ts";
import type { RowChange } from "../schema/index.ts";
import { decodeEvent, isExpired, localTypeMin, verifyEvent, type Event } from "./envelope.ts";
import { attachmentExpiredLayout, attachmentExpiredType, projectAttachmentExpired } from "./attachment-expired.ts";
import { fileDeletedLayout, fileDeletedType, projectFileDeleted } from "./file-deleted.ts";
import { fileVerifiedLayout, fileVerifiedType, projectFileVerified } from "./file-verified.ts";
import { fileWantedLayout, fileWantedType, projectFileWanted } from "./file-wanted.ts";
import { messageAttachmentLayout, messageAttachmentType, projectMessageAttachment } from "./message-attachment.ts";
import { projectWindowsProved, windowsProvedLayout, windowsProvedType } from "./windows-proved.ts";
import type { GroupKeyring } from "./group-seal.ts";

interface EventType {
  readonly name: string;
  /** Never leaves the device. */
  readonly local: boolean;
  readonly layout: { readonly name: string; readonly columns: object };
  project(event: Event, keyring: GroupKeyring): Result<RowChange[]>;
}

export const eventTypes: ReadonlyMap<number, EventType> = new Map<number, EventType>([
  [
    messageAttachmentType,
    { name: "message_attachment", local: false, layout: messageAttachmentLayout, project: projectMessageAttachment },
  ],
  [fileDeletedType, { name: "file_deleted", local: false, layout: fileDeletedLayout, project: projectFileDeleted }],
  [fileWantedType, { name: "file_wanted", local: true, layout: fileWantedLayout, project: projectFileWanted }],
  [
    windowsProvedType,
    { name: "windows_proved", local: true, layout: windowsProvedLayout, project: projectWindowsProved },
  ],
  [fileVerifiedType, { name: "file_verified", local: true, layout: fileVerifiedLayout, project: projectFileVerified }],
  [
    attachmentExpiredType,
    { name: "attachment_expired", local: true, layout: attachmentExpiredLayout, project: projectAttachmentExpired },
  ],
]);

export const isLocal = (event: Event): boolean => event.type >= localTypeMin;

export function projectEvent(event: Event, keyring: GroupKeyring): Result<RowChange[]> {
  const type = eventTypes.get(event.type);
  return type === undefined
    ? fail("event_type_unknown", { detail: `type ${event.type}` })
    : type.project(event, keyring);
}

/** Everything that can be wrong with an event from another device, before it is let into the log. */
export function checkForeignEvent(
  bytes: Uint8Array,
  keyring: GroupKeyring,
  isKnown: (author: PeerId) => boolean,
  now: EpochMs,
): Result<Event> {
  const decoded = decodeEvent(bytes);
  if (!decoded.ok) return decoded;
  const event = decoded.value;
  const type = eventTypes.get(event.type);
  if (type === undefined) return fail("event_type_unknown", { detail: `type ${event.type}` });
  if (type.local) return fail("event_local", { detail: type.name });
  if (event.createdAtMs > now + eventFutureMsMax) return fail("event_from_future");
  if (isExpired(event, now)) return fail("event_expired");
  const verified = verifyEvent(event);
  if (!verified.ok) return verified;
  const projected = type.project(event, keyring);
  if (!projected.ok) return projected;
  // A former member's events stay true: knowing a group key shows that the author was one. What nobody here can read is
  // taken from present members and known authors only, so that strangers cannot fill the log.
  const readable = projected.value.some((change) => change.kind === "attachment_added");
  if (!readable && !isKnown(event.author)) return fail("author_unknown");
  return ok(event);
}

export { createEvent, decodeEvent, envelopeLayout, eventIdOf, isExpired, verifyEvent, type Event } from "./envelope.ts";
export { createMessageAttachment, openMessageAttachment, type MessageAttachment } from "./message-attachment.ts";
export { createFileDeleted, deletionReasons, type DeletionReason } from "./file-deleted.ts";
export { createFileWanted, type FileWanted } from "./file-wanted.ts";
export { createWindowsProved, decodeWindowRanges } from "./windows-proved.ts";
export { createAttachmentExpired } from "./attachment-expired.ts";
export { createFileVerified } from "./file-verified.ts";
export { encodeFileSlice, decodeFileSlice, fileSliceLayout, sliceNonce } from "./file-slice.ts";
export { fileIdOf, keyCommitmentOf } from "./file-id.ts";
export { groupKeyring, groupKeyId, sealedPayloadLayout, type GroupKeyring } from "./group-seal.ts";
