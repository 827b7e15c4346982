/** What a recorded event does to the tables. One that this version cannot read does nothing, and is kept. */
import { decodeEvent, projectEvent, type GroupKeyring } from "../../events/index.ts";
import { envelopeLayout } from "../../events/envelope.ts";
import { peerSeen, type RowChange } from "../../schema/index.ts";
import type { LogRecord } from "./log-record.ts";

export function changesOf(record: Pick<LogRecord, "bytes" | "shredded">, keyring: GroupKeyring): RowChange[] {
  if (record.shredded) {
    const envelope = envelopeLayout.decode(record.bytes);
    return envelope.ok ? [peerSeen(envelope.value.author, envelope.value.createdAtMs)] : [];
  }
  const event = decodeEvent(record.bytes);
  const projected = event.ok ? projectEvent(event.value, keyring) : event;
  return projected.ok ? projected.value : [];
}
