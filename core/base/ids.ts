/**
 * Branded names for the things that must not be mixed up.
 *
 * Identifiers are lower-case hex strings: they are map keys, table keys and what an app keeps in its own state.
 * Numbers that count slices, windows and milliseconds carry brands so that one cannot be passed for another.
 */
import { bytesToHex, hexToBytes } from "./bytes.ts";
import { assert } from "./assert.ts";

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** 16 bytes: BLAKE2b-128 over the file's root hash, nonce prefix, key commitment and length. */
export type FileId = Brand<string, "FileId">;
/** 16 bytes: BLAKE2b-128 of an event's canonical bytes. */
export type EventId = Brand<string, "EventId">;
/** 16 bytes, given by the app: the message that an attachment belongs to. */
export type MessageId = Brand<string, "MessageId">;
/** 32 bytes: a device's Ed25519 public key. */
export type PeerId = Brand<string, "PeerId">;

/** Position of a slice in its file, from 0. */
export type SliceNumber = Brand<number, "SliceNumber">;
/** Position of a window in its file, from 0. */
export type WindowNumber = Brand<number, "WindowNumber">;
/** Milliseconds since 1970-01-01 UTC. */
export type EpochMs = Brand<number, "EpochMs">;

export const fileIdBytes = 16;
export const eventIdBytes = 16;
export const messageIdBytes = 16;
export const peerIdBytes = 32;

export const sliceNumber = (n: number): SliceNumber => n as SliceNumber;
export const windowNumber = (n: number): WindowNumber => n as WindowNumber;
export const epochMs = (n: number): EpochMs => n as EpochMs;

const idFromBytes =
  <Id extends string>(bytesCount: number) =>
  (bytes: Uint8Array): Id => {
    assert(bytes.length === bytesCount, "an id has its length");
    return bytesToHex(bytes) as Id;
  };

export const fileIdFromBytes = idFromBytes<FileId>(fileIdBytes);
export const eventIdFromBytes = idFromBytes<EventId>(eventIdBytes);
export const messageIdFromBytes = idFromBytes<MessageId>(messageIdBytes);
export const peerIdFromBytes = idFromBytes<PeerId>(peerIdBytes);

/** The bytes behind one of our own ids. */
export function idToBytes(id: FileId | EventId | MessageId | PeerId): Uint8Array {
  const bytes = hexToBytes(id);
  assert(bytes !== undefined, "an id is hex");
  return bytes;
}

/** An id that came from the app as text; undefined when it is not that many bytes of lower-case hex. */
export function parseId<Id extends FileId | MessageId | PeerId>(text: string, bytesCount: number): Id | undefined {
  return text.length === 2 * bytesCount && hexToBytes(text) !== undefined ? (text as Id) : undefined;
}
