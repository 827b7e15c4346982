/**
 * A record of `events.log`, in bytes.
 *
 *   record   length u32 · kind u8 · zero 3 · recordedAtMs u64 · event id 16 · checksum u32 · event
 *
 * The event id is a hash of the event, so it vouches for the event's bytes; the checksum vouches for the record's header.
 * Kind 0 is an event. Kind 1 is one whose payload was shredded: its envelope stays, its payload and signature are
 * zeros, and its id is still known, so that peers do not send it again.
 */
import { bytesEqual, bytesToHex } from "../base/bytes.ts";
import { idToBytes, type EventId, type EpochMs } from "../base/ids.ts";
import { hash } from "../crypto/index.ts";
import { eventBytesMax } from "../limits.ts";
import { envelopeHeaderBytes, eventIdBytesOf } from "../../events/envelope.ts";

export const recordHeaderBytes = 36;
export const recordBytesMax = recordHeaderBytes + eventBytesMax;
const idAt = 16;
const checkedBytes = 32;
const kinds = { event: 0, shredded: 1 } as const;

export interface LogRecord {
  readonly id: EventId;
  /** Where the record begins in the file. */
  readonly position: number;
  readonly recordedAtMs: number;
  readonly shredded: boolean;
  /** The event's bytes, a view; of a shredded one, those with its payload and signature zeroed. */
  readonly bytes: Uint8Array;
}

export function encodeRecord(id: EventId, event: Uint8Array, recordedAtMs: EpochMs): Uint8Array {
  const record = new Uint8Array(recordHeaderBytes + event.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, event.length);
  view.setUint8(4, kinds.event);
  view.setBigUint64(8, BigInt(recordedAtMs));
  record.set(idToBytes(id), idAt);
  record.set(headerChecksum(record), checkedBytes);
  record.set(event, recordHeaderBytes);
  return record;
}

/** The header of the same record with the mark that its payload is shredded. */
export function shreddedHeader(header: Uint8Array): Uint8Array {
  const marked = header.slice(0, recordHeaderBytes);
  marked[4] = kinds.shredded;
  marked.set(headerChecksum(marked), checkedBytes);
  return marked;
}

/** The record that begins with `bytes`, and may end before them; undefined when none does that checks out. */
export function decodeRecord(bytes: Uint8Array, position: number): LogRecord | undefined {
  const length = plausibleLength(bytes);
  if (length === undefined || bytes.length < recordHeaderBytes + length || !isHeaderSound(bytes)) return undefined;
  const event = bytes.subarray(recordHeaderBytes, recordHeaderBytes + length);
  const idBytes = bytes.subarray(idAt, checkedBytes);
  const shredded = bytes[4] === kinds.shredded;
  if (!shredded && !bytesEqual(eventIdBytesOf(event), idBytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const recordedAtMs = view.getUint32(8) * 2 ** 32 + view.getUint32(12);
  return { id: bytesToHex(idBytes) as EventId, position, recordedAtMs, shredded, bytes: event };
}

/** Whether a record may begin here: told without hashing anything. */
export function plausibleLength(header: Uint8Array): number | undefined {
  if (header.length < recordHeaderBytes) return undefined;
  // Every length that is taken is below 2^16.
  if (header[0] !== 0 || header[1] !== 0) return undefined;
  const length = 256 * (header[2] as number) + (header[3] as number);
  const sound = length >= envelopeHeaderBytes && length <= eventBytesMax && (header[4] as number) <= kinds.shredded;
  return sound && header[5] === 0 && header[6] === 0 && header[7] === 0 ? length : undefined;
}

function isHeaderSound(header: Uint8Array): boolean {
  const checksum = headerChecksum(header);
  for (let i = 0; i < checksum.length; i++) if (checksum[i] !== header[checkedBytes + i]) return false;
  return true;
}

const headerChecksum = (header: Uint8Array): Uint8Array =>
  hash("focused-file-sync record 1", 16, header.subarray(0, checkedBytes)).subarray(0, 4);
