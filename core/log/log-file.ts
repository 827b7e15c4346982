/**
 * `events.log`: append-only records (log-record.ts) after a short header.
 *
 *   header   "focused-file-sync log 1\n"
 *
 * A crash can leave a torn tail, and it can leave a hole before records that did reach the disk. What does not check
 * out at the end is cut off. A damaged record with sound records behind it is passed over and counted: nothing behind it
 * is lost, and what it held comes again from peers.
 */
import { bytesEqual, isAllZero, utf8Encode } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { EventId, EpochMs } from "../base/ids.ts";
import type { StorageFile } from "../base/storage.ts";
import { logScanBytes } from "../limits.ts";
import { envelopeHeaderBytes } from "../../events/envelope.ts";
import {
  decodeRecord,
  encodeRecord,
  plausibleLength,
  recordBytesMax,
  recordHeaderBytes,
  shreddedHeader,
  type LogRecord,
} from "./log-record.ts";

const magic = utf8Encode("focused-file-sync log 1\n");

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

  /** Nothing is appended or read before it was scanned to its end. */
  static open(file: StorageFile): Result<LogFile> {
    const head = new Uint8Array(magic.length);
    const headBytes = file.readAt(head, 0);
    // Zeros are what a file that lost its power, before it was ever flushed, has in place of bytes.
    if (!head.subarray(0, headBytes).every((byte, i) => byte === magic[i] || byte === 0))
      return fail("store_not_ours", { detail: "events.log" });
    if (!bytesEqual(head, magic)) file.writeAt(magic, 0);
    return ok(new LogFile(file));
  }

  append(id: EventId, event: Uint8Array, recordedAtMs: EpochMs): number {
    const position = this.#size;
    const record = encodeRecord(id, event, recordedAtMs);
    this.#file.writeAt(record, position);
    this.#size += record.length;
    return position;
  }

  read(position: number): LogRecord | undefined {
    const there = new Uint8Array(recordBytesMax);
    return decodeRecord(there.subarray(0, this.#file.readAt(there, position)), position);
  }

  /** Overwrites the payload and signature of an event where they are. The mark goes first: a torn shred is done again. */
  shred(position: number): void {
    const record = this.read(position);
    if (record === undefined) return;
    const header = new Uint8Array(recordHeaderBytes);
    this.#file.readAt(header, position);
    this.#file.writeAt(shreddedHeader(header), position);
    this.#file.writeAt(
      new Uint8Array(record.bytes.length - envelopeHeaderBytes),
      position + recordHeaderBytes + envelopeHeaderBytes,
    );
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  /** Every record, one after the other; undefined at the end, where a torn tail is cut off. */
  scanner(): LogScanner {
    return new LogScanner(this, this.#file);
  }

  /** What is behind `position` is no record. */
  cutAt(position: number): void {
    this.#file.truncate(position);
    this.#size = position;
  }
}

/** Reads the log in pieces that hold many records: a read of the system's for each would cost more than checking it. */
export class LogScanner {
  readonly #log: LogFile;
  readonly #file: StorageFile;
  readonly #piece = new Uint8Array(logScanBytes);
  #pieceStart = 0;
  #pieceBytes = 0;
  #position = magic.length;
  #records = 0;
  #damaged = 0;
  #bytesCut = 0;

  constructor(log: LogFile, file: StorageFile) {
    this.#log = log;
    this.#file = file;
  }

  get scan(): LogScan {
    return { records: this.#records, damaged: this.#damaged, bytesCut: this.#bytesCut };
  }

  /** Its bytes are valid until the next call. */
  next(): LogRecord | undefined {
    while (this.#position < this.#log.size) {
      const record = decodeRecord(this.#bytesAt(this.#position), this.#position);
      if (record !== undefined) return this.#taken(record);
      const next = this.#nextSound(this.#position + 1);
      if (next === undefined) break;
      this.#damaged++;
      this.#position = next;
    }
    this.#bytesCut += Math.max(0, this.#log.size - this.#position);
    if (this.#position < this.#log.size) this.#log.cutAt(this.#position);
    return undefined;
  }

  #taken(record: LogRecord): LogRecord {
    this.#records++;
    this.#position += recordHeaderBytes + record.bytes.length;
    if (record.shredded && !isAllZero(record.bytes.subarray(envelopeHeaderBytes))) {
      this.#log.shred(record.position);
      record.bytes.fill(0, envelopeHeaderBytes);
    }
    return record;
  }

  /** What is there from `position` on: a whole record's worth, and less at the end of the log only. */
  #bytesAt(position: number): Uint8Array {
    const isWithin = position >= this.#pieceStart && position + recordBytesMax <= this.#pieceStart + this.#pieceBytes;
    if (!isWithin && this.#pieceStart + this.#pieceBytes < this.#log.size) {
      this.#pieceStart = position;
      this.#pieceBytes = this.#file.readAt(this.#piece, position);
    }
    return this.#piece.subarray(position - this.#pieceStart, this.#pieceBytes);
  }

  /** The first place from `from` on where a sound record begins. Header checksums make a false find all but impossible. */
  #nextSound(from: number): number | undefined {
    const piece = new Uint8Array(logScanBytes);
    // Pieces overlap by a header, so that none is cut in two.
    const step = piece.length - recordHeaderBytes + 1;
    for (let start = from; start < this.#log.size; start += step) {
      const there = piece.subarray(0, this.#file.readAt(piece, start));
      if (isAllZero(there)) continue;
      for (let at = 0; at < step && at + recordHeaderBytes <= there.length; at++) {
        // All but a few places are told by their first two bytes, before a view is made.
        if (there[at] !== 0 || there[at + 1] !== 0) continue;
        const header = there.subarray(at, at + recordHeaderBytes);
        if (plausibleLength(header) !== undefined && this.#log.read(start + at) !== undefined) return start + at;
      }
    }
    return undefined;
  }
}
