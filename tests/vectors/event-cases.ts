/** Every event type once or twice, with fixed keys, nonces and times: what tests/vectors/<event file>.json holds. */
import { epochMs, type FileId, type MessageId, type SliceNumber } from "../../core/base/ids.ts";
import type { Column } from "../../core/codec/layout.ts";
import { hexToBytes } from "../../core/base/bytes.ts";
import { identityFromSeed } from "../../core/crypto/index.ts";
import { createAttachmentExpired, createFileDeleted, createFileVerified, createFileWanted } from "../../events/index.ts";
import { createMessageAttachment, createWindowsProved, encodeFileSlice, fileIdOf } from "../../events/index.ts";
import { fileSliceLayout, keyCommitmentOf, sealedPayloadLayout, type Event } from "../../events/index.ts";
import { attachmentExpiredLayout } from "../../events/attachment-expired.ts";
import { envelopeLayout } from "../../events/envelope.ts";
import { fileDeletedLayout } from "../../events/file-deleted.ts";
import { decodeFileSlice } from "../../events/file-slice.ts";
import { fileVerifiedLayout } from "../../events/file-verified.ts";
import { fileWantedLayout } from "../../events/file-wanted.ts";
import { messageAttachmentLayout, type NewAttachment } from "../../events/message-attachment.ts";
import { windowsProvedLayout } from "../../events/windows-proved.ts";
import { unwrap } from "../../core/base/result.ts";
import { golden, goldenColumns, type GoldenCase, type GoldenField } from "./golden.ts";

/** `count` bytes that count up from `first`. */
export const counting = (first: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => first + i);

export const seed = counting(0x00, 32);
export const groupKey = counting(0x80, 32);
export const boxNonce = counting(0x40, 24);
export const createdAtMs = epochMs(1_767_225_600_000); // 2026-01-01T00:00:00Z
export const messageId = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf" as MessageId;

const fileKey = counting(0x20, 32);
const noncePrefix = counting(0x60, 20);
const rootHash = counting(0xa0, 32);

export const fileId = (fileBytes: number): FileId =>
  fileIdOf({ rootHash, noncePrefix, fileBytes, keyCommitment: keyCommitmentOf(fileKey) });

export function newAttachment(changes: Partial<NewAttachment> = {}): NewAttachment {
  const fileBytes = changes.fileBytes ?? 2000;
  const plain = { width: 0, height: 0, preview: new Uint8Array(0), mediaType: "text/plain", name: "letter.txt" };
  const times = { createdAtMs, ttlMs: 0 };
  return { messageId, fileId: fileId(fileBytes), fileBytes, noncePrefix, fileKey, rootHash, ...plain, ...times, ...changes };
}

const inputs = (): GoldenField[] => [golden("input.seed", seed, "Ed25519 seed of the author's device")];

type Columns = Readonly<Record<string, Column<unknown>>>;

/** The envelope's fields with the payload's fields in the place of the payload. */
function eventCase(name: string, event: Event, payload: { readonly columns: Columns; readonly value: object }): GoldenCase {
  const wire = goldenColumns("wire", envelopeLayout.columns, event, event.bytes);
  const inside = goldenColumns("wire.payload", payload.columns, payload.value, event.payload);
  const fields = wire.flatMap((field) => (field.field === "wire.payload" ? inside : [field]));
  const id = golden("result.eventId", hexToBytes(event.id) as Uint8Array, "BLAKE2b-128 of the bytes on the wire");
  return { name, fields: [...inputs(), ...fields, id] };
}

function attachmentCase(name: string, changes: Partial<NewAttachment>): GoldenCase {
  const fields = newAttachment(changes);
  const event = createMessageAttachment(fields, identityFromSeed(seed), groupKey, boxNonce);
  const plain = { ...fields, reserved: 0 };
  const made = eventCase(name, event, { columns: sealedPayloadLayout.columns, value: unwrap(sealedPayloadLayout.decode(event.payload)) });
  const sealed = [
    golden("input.groupKey", groupKey, "newest key of the group: seals the payload"),
    ...goldenColumns("plain", messageAttachmentLayout.columns, plain, messageAttachmentLayout.encode(plain)),
  ];
  return { name, fields: [...sealed, ...made.fields] };
}

function decodedCase(name: string, event: Event, layout: { columns: object; decode(bytes: Uint8Array): unknown }): GoldenCase {
  const decoded = layout.decode(event.payload) as { ok: true; value: object };
  return eventCase(name, event, { columns: layout.columns as Columns, value: decoded.value });
}

const wanted = () => ({ fileId: fileId(2000), priority: 5, requestedAtMs: createdAtMs - 1000, expiresAtMs: 0 });

function sliceCase(): GoldenCase {
  const bytes = encodeFileSlice(fileId(2000), noncePrefix, 4 as SliceNumber, counting(0x00, 466));
  const fields = goldenColumns("wire", fileSliceLayout.columns, unwrap(decodeFileSlice(bytes)), bytes);
  return { name: "slice 4", fields };
}

/** By event file. Crypto has to be ready. */
export const eventCases: Readonly<Record<string, () => readonly GoldenCase[]>> = {
  "message-attachment": () => [
    attachmentCase("a text of 2,000 bytes", {}),
    attachmentCase("an image with everything given", {
      fileBytes: 5_242_880,
      name: "été \u202Egnp.jpg 🎉",
      mediaType: "image/jpeg",
      width: 4032,
      height: 3024,
      preview: counting(0x01, 28),
      ttlMs: 86_400_000,
    }),
  ],
  "file-deleted": () => [
    decodedCase("deleted by the user", createFileDeleted(fileId(2000), 1, createdAtMs, identityFromSeed(seed)), fileDeletedLayout),
  ],
  "file-slice": () => [sliceCase()],
  "file-wanted": () => [
    decodedCase(
      "paused",
      createFileWanted({ ...wanted(), sequence: 7, action: "pause", status: "paused", slicesDropped: false, failure: "" }, createdAtMs, identityFromSeed(seed)),
      fileWantedLayout,
    ),
    decodedCase(
      "failed because it was deleted",
      createFileWanted({ ...wanted(), sequence: 8, action: "fail", status: "failed", slicesDropped: true, failure: "file_deleted" }, createdAtMs, identityFromSeed(seed)),
      fileWantedLayout,
    ),
  ],
  "windows-proved": () => [
    decodedCase(
      "two runs of windows",
      createWindowsProved({ sequence: 9, fileId: fileId(2000), ranges: [{ start: 0, count: 3 }, { start: 4094, count: 2 }] }, createdAtMs, identityFromSeed(seed)),
      windowsProvedLayout,
    ),
  ],
  "file-verified": () => [
    decodedCase(
      "verified",
      createFileVerified({ sequence: 10, fileId: fileId(2000), priority: 5, requestedAtMs: wanted().requestedAtMs }, createdAtMs, identityFromSeed(seed)),
      fileVerifiedLayout,
    ),
  ],
  "attachment-expired": () => [
    decodedCase(
      "the time to live is over",
      createAttachmentExpired({ sequence: 11, fileId: fileId(2000), author: identityFromSeed(counting(0x01, 32)).peerId }, createdAtMs, identityFromSeed(seed)),
      attachmentExpiredLayout,
    ),
  ],
};
