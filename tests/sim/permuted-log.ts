/** An event log with the same records in another order, and some of them twice. It reads the format by itself. */
import { bytesToHex, concatBytes } from "../../core/base/bytes.ts";
import type { Random } from "../../core/base/random.ts";
import type { LoggedEvent } from "../support/watched-storage.ts";
import { below, happens } from "../support/draw.ts";

const magicBytes = "focused-file-sync log 1\n".length;
const recordHeaderBytes = 36;

export function permutedLog(log: Uint8Array, events: readonly LoggedEvent[], random: Random): Uint8Array {
  const records: Uint8Array[] = [];
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  for (const { id, position } of events) {
    // What a crash took, or took and another record took the place of.
    if (position + recordHeaderBytes > log.length || idAt(log, position) !== id) continue;
    const record = log.subarray(position, position + recordHeaderBytes + view.getUint32(position));
    records.push(record);
    if (happens(random, 0.2)) records.push(record);
  }
  for (let i = records.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [records[i], records[j]] = [records[j] as Uint8Array, records[i] as Uint8Array];
  }
  return concatBytes(log.subarray(0, magicBytes), ...records);
}

const idAt = (log: Uint8Array, position: number): string => bytesToHex(log.subarray(position + 16, position + 32));
