/**
 * `events.log`: append-only records after a short header.
 *
 *   header   "focused-file-sync log 1\n"
 *   record   length u32 · kind u8 · zero 3 · recordedAtMs u64 · event id 16 · checksum u32 · event
 *
 * The event id is a hash of the event, so it vouches for the event's bytes; the checksum vouches for the record's header.
 * Kind 0 is an event. Kind 1 is one whose payload was shredded: its envelope stays, its payload and signature are
 * zeros, and its id is still known, so that peers do not send it again.
 *
 * A crash can leave a torn tail, and it can leave a hole before records that did reach the disk. What does not check
 * out at the end is cut off. A damaged record with sound records behind it is passed over and counted: nothing behind it
 * is lost, and what it held comes again from peers.
 */
import { bytesEqual, bytesToHex, isAllZero, utf8Encode } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { idToBytes, type EventId, type EpochMs } from "../base/ids.ts";
import type { StorageFile } from "../base/storage.ts";
import { hash } from "../crypto/index.ts";
import { eventBytesMax, logScanBytes } from "../limits.ts";
import { envelopeHeaderBytes, eventIdOf } from "../../events/envelope.ts";

const magic = utf8Encode("focused-file-sync log 1\n");
const recordHeaderBytes = 36;
const checkedBytes = 32;
const kinds = { event: 0, shredded: 1 } as const;

export interface LogRecord {
  readonly id: EventId;
  /** Where the record begins in the file. */
  readonly position: number;
  readonly recordedAtMs: number;
  readonly shredded: boolean;
  /** The event's bytes; of a shredded one, those with its payload and signature zeroed. */
  readonly bytes: Uint8Array;
}

export interface LogScan {
  readonly records: number;
  /** Records passed over because they were damaged with sound ones behind them. */
  readonly damaged: number;
  readonly bytesCut: number;
}

export class LogFile {
  readonly #file: StorageFile;
  #size: number;

  private constructor(file: StorageFile) {
    this.#file = file;
    this.#size = file.size();
  }

  /** Where the next record goes: what the projections cache stands for. */
  get size(): number {
    return this.#size;
  }

  /** Opens the log and reads every record from `from` on (0: all), cutting off a torn tail. */
  static open(
    file: StorageFile,
    from: number,
    each: (record: LogRecord) => void,
  ): Result<{ log: LogFile; scan: LogScan }> {
    const head = new Uint8Array(magic.length);
    const headBytes = file.readAt(head, 0);
    // Zeros are what a file that lost its power, before it was ever flushed, has in place of bytes.
    if (!head.subarray(0, headBytes).every((byte, i) => byte === magic[i] || byte === 0))
      return fail("store_not_ours", { detail: "events.log" });
    if (!bytesEqual(head, magic)) file.writeAt(magic, 0);
    const log = new LogFile(file);
    return ok({ log, scan: log.#scan(Math.max(from, magic.length), each) });
  }

  append(id: EventId, event: Uint8Array, recordedAtMs: EpochMs): number {
    const position = this.#size;
    const record = new Uint8Array(recordHeaderBytes + event.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, event.length);
    view.setUint8(4, kinds.event);
    view.setBigUint64(8, BigInt(recordedAtMs));
    record.set(idToBytes(id), 16);
    record.set(headerChecksum(record), checkedBytes);
    record.set(event, recordHeaderBytes);
    this.#file.writeAt(record, position);
    this.#size += record.length;
    return position;
  }

  read(position: number): LogRecord | undefined {
    const header = new Uint8Array(recordHeaderBytes);
    if (this.#file.readAt(header, position) < recordHeaderBytes) return undefined;
    const length = plausibleLength(header);
    if (length === undefined) return undefined;
    const bytes = new Uint8Array(length);
    if (this.#file.readAt(bytes, position + recordHeaderBytes) < length) return undefined;
    return checkRecord(header, bytes, position);
  }

  /** Overwrites the payload and signature of an event where they are. The mark goes first: a torn shred is done again. */
  shred(position: number): void {
    const record = this.read(position);
    if (record === undefined) return;
    const header = new Uint8Array(recordHeaderBytes);
    this.#file.readAt(header, position);
    header[4] = kinds.shredded;
    header.set(headerChecksum(header), checkedBytes);
    this.#file.writeAt(header, position);
    this.#file.writeAt(
      new Uint8Array(record.bytes.length - envelopeHeaderBytes),
      position + recordHeaderBytes + envelopeHeaderBytes,
    );
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  #scan(from: number, each: (record: LogRecord) => void): LogScan {
    let records = 0;
    let damaged = 0;
    let position = from;
    while (position < this.#size) {
      const record = this.read(position);
      if (record !== undefined) {
        if (record.shredded) this.shred(position);
        each(record);
        records++;
        position += recordHeaderBytes + record.bytes.length;
        continue;
      }
      const next = this.#nextSound(position + 1);
      if (next === undefined) break;
      damaged++;
      position = next;
    }
    const bytesCut = Math.max(0, this.#size - position);
    if (bytesCut > 0) {
      this.#file.truncate(position);
      this.#size = position;
    }
    return { records, damaged, bytesCut };
  }

  /** The first place from `from` on where a sound record begins. Header checksums make a false find all but impossible. */
  #nextSound(from: number): number | undefined {
    const piece = new Uint8Array(logScanBytes);
    // Pieces overlap by a header, so that none is cut in two.
    const step = piece.length - recordHeaderBytes + 1;
    for (let start = from; start < this.#size; start += step) {
      const there = piece.subarray(0, this.#file.readAt(piece, start));
      if (isAllZero(there)) continue;
      for (let at = 0; at < step && at + recordHeaderBytes <= there.length; at++) {
        // An event has no 65,536 bytes: all but a few places are told by their first two bytes.
        if (there[at] !== 0 || there[at + 1] !== 0) continue;
        const header = there.subarray(at, at + recordHeaderBytes);
        if (plausibleLength(header) !== undefined && this.read(start + at) !== undefined) return start + at;
      }
    }
    return undefined;
  }
}

function plausibleLength(header: Uint8Array): number | undefined {
  const length = new DataView(header.buffer, header.byteOffset).getUint32(0);
  const sound = length >= envelopeHeaderBytes && length <= eventBytesMax && (header[4] as number) <= kinds.shredded;
  return sound && header[5] === 0 && header[6] === 0 && header[7] === 0 ? length : undefined;
}

function checkRecord(header: Uint8Array, bytes: Uint8Array, position: number): LogRecord | undefined {
  const checksum = headerChecksum(header);
  for (let i = 0; i < checksum.length; i++) if (checksum[i] !== header[checkedBytes + i]) return undefined;
  const id = bytesToHex(header.subarray(16, 32)) as EventId;
  const shredded = header[4] === kinds.shredded;
  if (!shredded && eventIdOf(bytes) !== id) return undefined;
  const recordedAtMs = Number(new DataView(header.buffer, header.byteOffset).getBigUint64(8));
  return { id, position, recordedAtMs, shredded, bytes };
}

const headerChecksum = (header: Uint8Array): Uint8Array =>
  hash("focused-file-sync record 1", 16, header.subarray(0, checkedBytes)).subarray(0, 4);
