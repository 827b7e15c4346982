/** What an app hands in, checked: a wrong argument is told by name before anything happens. */
import {
  peerIdBytes,
  messageIdBytes,
  fileIdBytes,
  parseId,
  peerIdFromBytes,
  type FileId,
  type MessageId,
  type PeerId,
} from "../base/ids.ts";
import { bytesEqual, utf8Encode } from "../base/bytes.ts";
import type { Group, Identity } from "../base/identity.ts";
import type { Transport } from "../base/transport.ts";
import { publicKeyBytes, secretKeyBytes } from "../crypto/index.ts";
import { FileSyncError, type ErrorCode } from "../errors.ts";
import {
  fileKeyBytes,
  groupKeysMax,
  mediaTypeBytesMax,
  nameBytesMax,
  previewBytesMax,
  sliceBytes,
  sliceCountMax,
  ttlMsMax,
} from "../limits.ts";
import { lengthOf } from "./source.ts";
import type { AttachmentSource, AttachOptions, GroupOptions, IdentityKeys, OpenOptions } from "./types.ts";

/** What is not a key or a group: those have checks of their own. */
export function checkOpen(options: OpenOptions): void {
  if (typeof options?.storage?.open !== "function")
    throw new FileSyncError("argument_invalid", { detail: "storage: memoryStorage() or nodeStorage(path)" });
  for (const transport of transportsOf(options)) {
    if (typeof transport?.start !== "function")
      throw new FileSyncError("argument_invalid", { detail: "transport: a Transport or an array of them" });
  }
}

export function transportsOf({ transport = [] }: Pick<OpenOptions, "transport">): readonly Transport[] {
  return Array.isArray(transport) ? (transport as readonly Transport[]) : [transport as Transport];
}

export function checkIdentity(keys: IdentityKeys): Identity {
  if (!isBytes(keys?.publicKey, publicKeyBytes))
    throw new FileSyncError("key_length_invalid", { detail: `identity.publicKey: ${bytesOf(publicKeyBytes)}` });
  if (!isBytes(keys.secretKey, secretKeyBytes))
    throw new FileSyncError("key_length_invalid", { detail: `identity.secretKey: ${bytesOf(secretKeyBytes)}` });
  // libsodium's secret key carries its public key in its second half.
  const matches = bytesEqual(keys.secretKey.subarray(secretKeyBytes - publicKeyBytes), keys.publicKey);
  if (!matches) throw new FileSyncError("argument_invalid", { detail: "identity: the keys are no pair" });
  return {
    peerId: peerIdFromBytes(keys.publicKey),
    publicKey: keys.publicKey.slice(),
    secretKey: keys.secretKey.slice(),
  };
}

export function checkGroup(group: GroupOptions): Group {
  if (typeof group?.name !== "string") throw new FileSyncError("argument_invalid", { detail: "group.name: a string" });
  const keys = Array.isArray(group.keys) ? (group.keys as readonly Uint8Array[]) : [];
  if (keys.length === 0 || keys.length > groupKeysMax)
    throw new FileSyncError("argument_invalid", { detail: `group.keys: an array of 1 to ${groupKeysMax}` });
  for (const key of keys)
    if (!isBytes(key, fileKeyBytes))
      throw new FileSyncError("key_length_invalid", { detail: `group.keys: ${bytesOf(fileKeyBytes)} each` });
  if (typeof group.members?.[Symbol.iterator] !== "function")
    throw new FileSyncError("argument_invalid", { detail: "group.members: an array or a set" });
  const members = new Set<PeerId>();
  for (const member of group.members) {
    const peerId = typeof member === "string" ? parseId<PeerId>(member, peerIdBytes) : undefined;
    if (peerId === undefined)
      throw new FileSyncError("argument_invalid", { detail: "group.members: each 64 lower-case hex digits" });
    members.add(peerId);
  }
  return { name: group.name, members, keys: keys.map((key) => key.slice()) };
}

export function checkFileId(fileId: string): FileId {
  const parsed = typeof fileId === "string" ? parseId<FileId>(fileId, fileIdBytes) : undefined;
  if (parsed === undefined) throw new FileSyncError("argument_invalid", { detail: "fileId: 32 lower-case hex digits" });
  return parsed;
}

export function checkMessageId(messageId: string): MessageId {
  const hex = typeof messageId === "string" ? messageId.replaceAll("-", "").toLowerCase() : "";
  const parsed = parseId<MessageId>(hex, messageIdBytes);
  if (parsed === undefined)
    throw new FileSyncError("argument_invalid", { detail: "messageId: 16 bytes as hex, or a UUID" });
  return parsed;
}

export interface CheckedAttach {
  readonly messageId: MessageId;
  readonly name: string;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
  readonly preview: Uint8Array;
  readonly ttlMs: number;
}

export function checkAttach(options: AttachOptions): CheckedAttach {
  const { name = "", mediaType = "", width = 0, height = 0, preview = new Uint8Array(0), ttlMs = 0 } = options ?? {};
  checkText(name, nameBytesMax, "name", "name_too_long");
  checkText(mediaType, mediaTypeBytesMax, "mediaType", "media_type_too_long");
  if (!(preview instanceof Uint8Array)) throw new FileSyncError("argument_invalid", { detail: "preview" });
  if (preview.length > previewBytesMax) throw new FileSyncError("preview_too_long");
  checkWhole(width, 2 ** 32 - 1, "width");
  checkWhole(height, 2 ** 32 - 1, "height");
  checkWhole(ttlMs, ttlMsMax, "ttlMs");
  return {
    messageId: checkMessageId(options?.messageId),
    name,
    mediaType,
    width,
    height,
    preview: preview.slice(),
    ttlMs,
  };
}

/** How many bytes the source will give, where that is known: too many are told before any is read. */
export function checkSource(source: AttachmentSource, announcedBytes: number | undefined): number | undefined {
  const isSource =
    typeof source === "object" &&
    source !== null &&
    (lengthOf(source) !== undefined || "getReader" in source || Symbol.asyncIterator in source);
  if (!isSource)
    throw new FileSyncError("argument_invalid", {
      detail:
        "source: a Blob, Uint8Array, ReadableStream or AsyncIterable; for a path in Node fileSource(path) of focused-file-sync/node",
    });
  const fileBytes = announcedBytes ?? lengthOf(source);
  if (fileBytes !== undefined) checkWhole(fileBytes, Number.MAX_SAFE_INTEGER, "fileBytes");
  if (fileBytes !== undefined && Math.max(fileBytes, lengthOf(source) ?? 0) > sliceBytes * sliceCountMax)
    throw new FileSyncError("file_too_large");
  return fileBytes;
}

function checkText(text: string, bytesMax: number, argument: string, tooLong: ErrorCode): void {
  if (typeof text !== "string") throw new FileSyncError("argument_invalid", { detail: argument });
  // A lone surrogate has no UTF-8: it would come back as another character.
  if (/\p{Surrogate}/u.test(text))
    throw new FileSyncError("argument_invalid", { detail: `${argument} is not well-formed` });
  if (utf8Encode(text).length > bytesMax) throw new FileSyncError(tooLong);
}

export function checkWhole(value: number, max: number, argument: string): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > max)
    throw new FileSyncError("argument_invalid", { detail: argument });
}

const bytesOf = (length: number): string => `a Uint8Array of ${length} bytes`;
const isBytes = (value: unknown, length: number): boolean => value instanceof Uint8Array && value.length === length;
