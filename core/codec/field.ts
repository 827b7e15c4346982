/**
 * The kinds of field that wire layouts are made of. Each knows its size, how it is written and read, and what the
 * documentation says of it. Everything is big-endian.
 *
 * Readers throw a DecodeFailure that names what is wrong; `decodeLayout` turns it into an error value. Nothing is
 * allocated by a length field before the bytes that it announces are there.
 */
import { idToBytes, type EventId, type FileId, type MessageId, type PeerId } from "../base/ids.ts";
import { assert } from "../base/assert.ts";
import { bytesToHex, utf8Decode, utf8Encode } from "../base/bytes.ts";

export class DecodeFailure extends Error {}

export interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

export const cursorOver = (bytes: Uint8Array): Cursor => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  at: 0,
});

export interface Field<Value> {
  /** How the documentation names the kind: `u32`, `bytes[16]`. */
  readonly kind: string;
  sizeOf(value: Value): number;
  write(target: Cursor, value: Value): void;
  read(source: Cursor): Value;
}

function take(source: Cursor, count: number): Uint8Array {
  const end = source.at + count;
  if (end > source.bytes.length) throw new DecodeFailure("ends early");
  const taken = source.bytes.subarray(source.at, end);
  source.at = end;
  return taken;
}

function put(target: Cursor, bytes: Uint8Array): void {
  target.bytes.set(bytes, target.at);
  target.at += bytes.length;
}

function unsigned(
  kind: string,
  size: number,
  set: (v: DataView, at: number, n: number) => void,
  get: (v: DataView, at: number) => number,
): Field<number> {
  return {
    kind,
    sizeOf: () => size,
    write(target, value) {
      assert(Number.isInteger(value) && value >= 0 && value < 256 ** size, `${kind} is in range`);
      set(target.view, target.at, value);
      target.at += size;
    },
    read(source) {
      take(source, size);
      return get(source.view, source.at - size);
    },
  };
}

export const u8 = unsigned(
  "u8",
  1,
  (v, at, n) => v.setUint8(at, n),
  (v, at) => v.getUint8(at),
);
export const u16 = unsigned(
  "u16",
  2,
  (v, at, n) => v.setUint16(at, n),
  (v, at) => v.getUint16(at),
);
export const u32 = unsigned(
  "u32",
  4,
  (v, at, n) => v.setUint32(at, n),
  (v, at) => v.getUint32(at),
);

/** Held as a number: values above 2⁵³ - 1 are refused, since times and file sizes never reach it. */
export const u64: Field<number> = {
  kind: "u64",
  sizeOf: () => 8,
  write(target, value) {
    assert(Number.isSafeInteger(value) && value >= 0, "u64 is in range");
    target.view.setBigUint64(target.at, BigInt(value));
    target.at += 8;
  },
  read(source) {
    take(source, 8);
    const value = source.view.getBigUint64(source.at - 8);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DecodeFailure("is above 2^53 - 1");
    return Number(value);
  },
};

/** A byte that has one legal value: versions, and reserved bytes that are zero. */
export const constant = (value: number): Field<number> => ({
  kind: `u8 = ${value}`,
  sizeOf: () => 1,
  write(target) {
    target.view.setUint8(target.at, value);
    target.at += 1;
  },
  read(source) {
    if (take(source, 1)[0] !== value) throw new DecodeFailure(`is not ${value}`);
    return value;
  },
});

export const fixedBytes = (size: number): Field<Uint8Array> => ({
  kind: `bytes[${size}]`,
  sizeOf: () => size,
  write(target, value) {
    assert(value.length === size, `the value is ${size} bytes`);
    put(target, value);
  },
  read: (source) => take(source, size),
});

const idField = <Id extends FileId | EventId | MessageId | PeerId>(size: number): Field<Id> => ({
  kind: `bytes[${size}]`,
  sizeOf: () => size,
  write(target, value) {
    const bytes = idToBytes(value);
    assert(bytes.length === size, `the id is ${size} bytes`);
    put(target, bytes);
  },
  read: (source) => bytesToHex(take(source, size)) as Id,
});

export const fileIdField = idField<FileId>(16);
export const eventIdField = idField<EventId>(16);
export const messageIdField = idField<MessageId>(16);
export const peerIdField = idField<PeerId>(32);

/** Everything to the end: for the last field only. */
export const restBytes: Field<Uint8Array> = {
  kind: "bytes to the end",
  sizeOf: (value) => value.length,
  write: put,
  read: (source) => take(source, source.bytes.length - source.at),
};

/** Everything but the last `tailBytes`: for the field before a fixed one at the end. */
export const bytesBefore = (tailBytes: number): Field<Uint8Array> => ({
  kind: `bytes, all but the last ${tailBytes}`,
  sizeOf: (value) => value.length,
  write: put,
  read(source) {
    const count = source.bytes.length - source.at - tailBytes;
    if (count < 0) throw new DecodeFailure("ends early");
    return take(source, count);
  },
});

/** A length in one or two bytes, then that many bytes. */
export function countedBytes(length: Field<number>, bytesMax: number): Field<Uint8Array> {
  return {
    kind: `${length.kind} length, then bytes, at most ${bytesMax}`,
    sizeOf: (value) => length.sizeOf(value.length) + value.length,
    write(target, value) {
      assert(value.length <= bytesMax, "the bytes fit their field");
      length.write(target, value.length);
      put(target, value);
    },
    read(source) {
      const count = length.read(source);
      if (count > bytesMax) throw new DecodeFailure(`is longer than ${bytesMax}`);
      return take(source, count);
    },
  };
}

/** As countedBytes, but text: well-formed UTF-8 or refused. */
export function countedText(length: Field<number>, bytesMax: number): Field<string> {
  const bytes = countedBytes(length, bytesMax);
  return {
    kind: `${length.kind} length, then UTF-8, at most ${bytesMax}`,
    sizeOf: (value) => bytes.sizeOf(utf8Encode(value)),
    write: (target, value) => bytes.write(target, utf8Encode(value)),
    read(source) {
      const text = utf8Decode(bytes.read(source));
      if (text === undefined) throw new DecodeFailure("is not UTF-8");
      return text;
    },
  };
}

/** A count in two bytes, then that many items. */
export function list<Item>(item: Field<Item>, countMax: number): Field<readonly Item[]> {
  return {
    kind: `u16 count, then ${item.kind} each, at most ${countMax}`,
    sizeOf: (value) => 2 + value.reduce((total, each) => total + item.sizeOf(each), 0),
    write(target, value) {
      assert(value.length <= countMax, "the items fit their field");
      u16.write(target, value.length);
      for (const each of value) item.write(target, each);
    },
    read(source) {
      const count = u16.read(source);
      if (count > countMax) throw new DecodeFailure(`has more than ${countMax} items`);
      const items: Item[] = [];
      for (let i = 0; i < count; i++) items.push(item.read(source));
      return items;
    },
  };
}

/** A run of numbers, as two u32: where it starts and how many there are (at least one). */
export const rangeField: Field<{ readonly start: number; readonly count: number }> = {
  kind: "u32 start, u32 count",
  sizeOf: () => 8,
  write(target, value) {
    u32.write(target, value.start);
    u32.write(target, value.count);
  },
  read(source) {
    const range = { start: u32.read(source), count: u32.read(source) };
    if (range.count === 0) throw new DecodeFailure("is an empty run");
    return range;
  },
};
