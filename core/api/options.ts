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
import { publicKeyBytes, secretKeyBytes } from "../crypto/index.ts";
import { FileSyncError, type ErrorCode } from "../errors.ts";
import { fileKeyBytes, groupKeysMax, mediaTypeBytesMax, nameBytesMax, previewBytesMax } from "../limits.ts";
import type { AttachOptions, GroupOptions, IdentityKeys } from "./types.ts";

export function checkIdentity(keys: IdentityKeys): Identity {
  if (!isBytes(keys?.publicKey, publicKeyBytes))
    throw new FileSyncError("key_length_invalid", { detail: "identity.publicKey" });
  if (!isBytes(keys.secretKey, secretKeyBytes))
    throw new FileSyncError("key_length_invalid", { detail: "identity.secretKey" });
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
  if (typeof group?.name !== "string") throw new FileSyncError("argument_invalid", { detail: "group.name" });
  const keys = Array.isArray(group.keys) ? (group.keys as readonly Uint8Array[]) : [];
  if (keys.length === 0 || keys.length > groupKeysMax)
    throw new FileSyncError("argument_invalid", { detail: `group.keys: 1 to ${groupKeysMax}` });
  for (const key of keys)
    if (!isBytes(key, fileKeyBytes)) throw new FileSyncError("key_length_invalid", { detail: "group.keys" });
  const members = new Set<PeerId>();
  for (const member of group.members) {
    const peerId = typeof member === "string" ? parseId<PeerId>(member, peerIdBytes) : undefined;
    if (peerId === undefined) throw new FileSyncError("argument_invalid", { detail: "group.members" });
    members.add(peerId);
  }
  return { name: group.name, members, keys: keys.map((key) => key.slice()) };
}

export function checkFileId(fileId: string): FileId {
  const parsed = typeof fileId === "string" ? parseId<FileId>(fileId, fileIdBytes) : undefined;
  if (parsed === undefined) throw new FileSyncError("argument_invalid", { detail: "fileId: 32 hex digits" });
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
  checkWhole(ttlMs, Number.MAX_SAFE_INTEGER, "ttlMs");
  if (options.fileBytes !== undefined) checkWhole(options.fileBytes, Number.MAX_SAFE_INTEGER, "fileBytes");
  return {
    messageId: checkMessageId(options.messageId),
    name,
    mediaType,
    width,
    height,
    preview: preview.slice(),
    ttlMs,
  };
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

const isBytes = (value: unknown, length: number): boolean => value instanceof Uint8Array && value.length === length;
