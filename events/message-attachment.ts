/**
 * `message_attachment`, the descriptor: which message has which file, how long it is, how to open it and how to know
 * that it is the right one. Its payload is sealed for the group, so a name or a key is never in the clear, neither on
 * the wire nor in the log.
 */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import {
  constant,
  countedBytes,
  countedText,
  fileIdField,
  fixedBytes,
  messageIdField,
  u32,
  u64,
  u8,
} from "../core/codec/field.ts";
import { fail, ok, type Result } from "../core/base/result.ts";
import type { Identity } from "../core/base/identity.ts";
import type { EpochMs } from "../core/base/ids.ts";
import { fileIdOf, keyCommitmentOf } from "./file-id.ts";
import { sliceCountOf } from "../core/base/sizes.ts";
import {
  fileKeyBytes,
  hashBytes,
  mediaTypeBytesMax,
  nameBytesMax,
  noncePrefixBytes,
  previewBytesMax,
  sliceCountMax,
} from "../core/limits.ts";
import { peerSeen, type RowChange } from "../schema/index.ts";
import { createEvent, envelopeHeader, envelopeHeaderBytes, type Event } from "./envelope.ts";
import { openPayload, sealPayload, type GroupKeyring } from "./group-seal.ts";

export const messageAttachmentType = 0x01;

export const messageAttachmentLayout = layout("message_attachment", "event_malformed", {
  messageId: column(messageIdField, "the app's message that it belongs to"),
  fileId: column(fileIdField, "BLAKE2b-128 over root hash, nonce prefix, key commitment and length"),
  fileBytes: column(u64, "length of the plaintext"),
  noncePrefix: column(fixedBytes(noncePrefixBytes), "first 20 bytes of every slice's nonce"),
  fileKey: column(fixedBytes(fileKeyBytes), "XChaCha20-Poly1305 key of this file alone"),
  rootHash: column(fixedBytes(hashBytes), "Merkle root over the windows' leaves"),
  name: column(countedText(u8, nameBytesMax), "as the author's system had it; data, never a path"),
  mediaType: column(countedText(u8, mediaTypeBytesMax), "a hint by the author; never to be trusted"),
  width: column(u32, "pixels; 0 = not given"),
  height: column(u32, "pixels; 0 = not given"),
  preview: column(countedBytes(u8, previewBytesMax), "thumbhash or blurhash; empty = not given"),
  reserved: column(constant(0), "zero; anything else is refused"),
});

export type MessageAttachment = Omit<ValueOf<typeof messageAttachmentLayout>, "reserved">;

export interface NewAttachment extends MessageAttachment {
  readonly createdAtMs: EpochMs;
  readonly ttlMs: number;
}

/** `nonce` is 24 random bytes. */
export function createMessageAttachment(
  fields: NewAttachment,
  identity: Identity,
  groupKey: Uint8Array,
  nonce: Uint8Array,
): Event {
  const event = { type: messageAttachmentType, createdAtMs: fields.createdAtMs, ttlMs: fields.ttlMs };
  const plain = messageAttachmentLayout.encode({ ...fields, reserved: 0 });
  const payload = sealPayload(plain, groupKey, nonce, envelopeHeader(event, identity));
  return createEvent({ ...event, payload }, identity);
}

export type OpenedDescriptor = { readonly fields: MessageAttachment } | { readonly missingKeyId: string };

/** Opens the payload and checks that the fields follow from each other. */
export function openMessageAttachment(event: Event, keyring: GroupKeyring): Result<OpenedDescriptor> {
  const opened = openPayload(event.payload, keyring, event.bytes.subarray(0, envelopeHeaderBytes));
  if (!opened.ok) return opened;
  if (!("plain" in opened.value)) return ok(opened.value);
  const decoded = messageAttachmentLayout.decode(opened.value.plain);
  if (!decoded.ok) return decoded;
  const { rootHash, noncePrefix, fileBytes, fileKey, fileId } = decoded.value;
  if (sliceCountOf(fileBytes) > sliceCountMax) return fail("descriptor_inconsistent", { detail: "too many slices" });
  if (fileIdOf({ rootHash, noncePrefix, fileBytes, keyCommitment: keyCommitmentOf(fileKey) }) !== fileId)
    return fail("descriptor_inconsistent");
  return ok({ fields: decoded.value });
}

export function projectMessageAttachment(event: Event, keyring: GroupKeyring): Result<RowChange[]> {
  const opened = openMessageAttachment(event, keyring);
  if (!opened.ok) return opened;
  const seen = peerSeen(event.author, event.createdAtMs);
  if ("missingKeyId" in opened.value) {
    return ok([seen, { kind: "descriptor_unreadable", row: { eventId: event.id, keyId: opened.value.missingKeyId } }]);
  }
  const { fields } = opened.value;
  return ok([
    seen,
    { kind: "holder_added", row: { fileId: fields.fileId, peerId: event.author } },
    {
      kind: "attachment_added",
      row: {
        eventId: event.id,
        fileId: fields.fileId,
        messageId: fields.messageId,
        author: event.author,
        createdAtMs: event.createdAtMs,
        expiresAtMs: event.ttlMs === 0 ? 0 : event.createdAtMs + event.ttlMs,
        fileBytes: fields.fileBytes,
        sliceCount: sliceCountOf(fields.fileBytes),
        noncePrefix: fields.noncePrefix,
        fileKey: fields.fileKey,
        rootHash: fields.rootHash,
        name: fields.name,
        mediaType: fields.mediaType,
        width: fields.width,
        height: fields.height,
        preview: fields.preview,
      },
    },
  ]);
}
