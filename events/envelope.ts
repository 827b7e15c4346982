/**
 * The envelope of every event but slices: who says what, when, for how long, and the signature over all of it.
 * The id of an event is BLAKE2b-128 of its bytes; two events are the same when their ids are.
 */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import { bytesBefore, constant, fixedBytes, peerIdField, u64, u8 } from "../core/codec/field.ts";
import { hash, sign, verify } from "../core/crypto/index.ts";
import { assert } from "../core/base/assert.ts";
import { fail, ok, type Result } from "../core/base/result.ts";
import { eventIdFromBytes, idToBytes, type EpochMs, type EventId } from "../core/base/ids.ts";
import type { Identity } from "../core/base/identity.ts";
import { eventBytesMax } from "../core/limits.ts";

export const eventVersion = 1;
export const signatureBytes = 64;
/** Version, type, createdAtMs, ttlMs, author: what stays readable when the payload is shredded. */
export const envelopeHeaderBytes = 1 + 1 + 8 + 8 + 32;

/** Types from here on never leave the device. */
export const localTypeMin = 0x40;

export const envelopeLayout = layout("envelope", "event_malformed", {
  version: column(constant(eventVersion), "format of the envelope and all payloads"),
  type: column(u8, "what the payload is"),
  createdAtMs: column(u64, "by the author's clock, milliseconds since 1970"),
  ttlMs: column(u64, "time to live from createdAtMs; 0 = for ever"),
  author: column(peerIdField, "Ed25519 public key of the device that made it"),
  payload: column(bytesBefore(signatureBytes), "by type"),
  signature: column(fixedBytes(signatureBytes), "Ed25519 over every byte before it"),
});

export type Envelope = ValueOf<typeof envelopeLayout>;

export interface Event extends Envelope {
  readonly id: EventId;
  readonly bytes: Uint8Array;
}

export const eventIdBytesOf = (bytes: Uint8Array): Uint8Array => hash("focused-file-sync event 1", 16, bytes);

export const eventIdOf = (bytes: Uint8Array): EventId => eventIdFromBytes(eventIdBytesOf(bytes));

export interface NewEvent {
  readonly type: number;
  readonly createdAtMs: EpochMs;
  readonly ttlMs: number;
  readonly payload: Uint8Array;
}

/** The header alone: sealed payloads are bound to it as associated data. */
export function envelopeHeader(event: Omit<NewEvent, "payload">, identity: Identity): Uint8Array {
  const bytes = envelopeLayout.encode({
    ...event,
    version: eventVersion,
    author: identity.peerId,
    payload: new Uint8Array(0),
    signature: new Uint8Array(signatureBytes),
  });
  return bytes.subarray(0, envelopeHeaderBytes);
}

export function createEvent(event: NewEvent, identity: Identity): Event {
  const unsigned = {
    ...event,
    version: eventVersion,
    author: identity.peerId,
    signature: new Uint8Array(signatureBytes),
  };
  const bytes = envelopeLayout.encode(unsigned);
  assert(bytes.length <= eventBytesMax, "the payload fits an event");
  const signature = sign(bytes.subarray(0, bytes.length - signatureBytes), identity.secretKey);
  bytes.set(signature, bytes.length - signatureBytes);
  return { ...unsigned, signature, id: eventIdOf(bytes), bytes };
}

/** Layout only; who signed it is another question, asked of what comes from outside. */
export function decodeEvent(bytes: Uint8Array): Result<Event> {
  if (bytes.length > eventBytesMax) return fail("event_too_large", { detail: `${bytes.length} bytes` });
  if (bytes.length > 0 && bytes[0] !== eventVersion)
    return fail("event_version_unknown", { detail: `version ${bytes[0]}` });
  const decoded = envelopeLayout.decode(bytes);
  if (!decoded.ok) return decoded;
  return ok({ ...decoded.value, id: eventIdOf(bytes), bytes });
}

/** RFC 8032, section 5.1.7. */
export function verifyEvent(event: Event): Result<void> {
  const signed = event.bytes.subarray(0, event.bytes.length - signatureBytes);
  return verify(event.signature, signed, idToBytes(event.author)) ? ok(undefined) : fail("signature_invalid");
}

export function isExpired(event: Envelope, now: EpochMs): boolean {
  return event.ttlMs !== 0 && event.createdAtMs + event.ttlMs <= now;
}
