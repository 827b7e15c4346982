/**
 * Local events count up: of two that say something of one want the later one wins. What is read here is a disk's word, and
 * a disk may say anything, so a number that nobody can have counted up to is not taken over.
 */
import { envelopeHeaderBytes } from "../../events/envelope.ts";
import { sequenceMax } from "../limits.ts";

/** Where the payload of a local event begins; 0 of one that has none, or none to be believed. */
export function sequenceOf(event: Uint8Array): number {
  if (event.length < envelopeHeaderBytes + 8) return 0;
  const sequence = Number(new DataView(event.buffer, event.byteOffset).getBigUint64(envelopeHeaderBytes));
  return sequence > sequenceMax ? 0 : sequence;
}
