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
  at: number;
}

export const cursorOver = (bytes: Uint8Array): Cursor => ({ bytes, at: 0 });

export interface Field<Value> {
  /** How the documentation names the kind: `u32`, `bytes[16]`. */
  readonly kind: string;
  sizeOf(value: Value): number;
  write(target: Cursor, value: Value): void;
  read(source: Cursor): Value;
}

/** Steps over `count` bytes that must be there; returns where they begin. */
function step(source: Cursor, count: number): number {
  const start = source.at;
  if (start + count > source.bytes.length) throw new DecodeFailure("ends early");
  source.at = start + count;
  return start;
}

function take(source: Cursor, count: number): Uint8Array {
  const start = step(source, count);
  return source.bytes.subarray(start, start + count);
}

function put(target: Cursor, bytes: Uint8Array): void {
  target.bytes.set(bytes, target.at);
  target.at += bytes.length;
}

/** Byte by byte, not through a DataView: making one costs more than reading the few numbers of a message. */
function unsigned(size: number): Field<number> {
  const kind = `u${8 * size}`;
  const end = 256 ** size;
  const inRange = `${kind} is in range`;
  return {
    kind,
    sizeOf: () => size,
    write(target, value) {
      assert(Number.isInteger(value) && value >= 0 && value < end, inRange);
      for (let i = 0; i < size; i++) target.bytes[target.at + i] = value >>> (8 * (size - 1 - i));
      target.at += size;
    },
    read(source) {
      const start = step(source, size);
      let value = 0;
      for (let i = 0; i < size; i++) value = 256 * value + (source.bytes[start + i] as number);
      return value;
    },
  };
}

export const u8 = unsigned(1);
export const u16 = unsigned(2);
export const u32 = unsigned(4);

/** Held as a number: values above 2⁵³ - 1 are refused, since times and file sizes never reach it. */
export const u64: Field<number> = {
  kind: "u64",
  sizeOf: () => 8,
  write(target, value) {
    assert(Number.isSafeInteger(value) && value >= 0, "u64 is in range");
    u32.write(target, Math.floor(value / 2 ** 32));
    u32.write(target, value % 2 ** 32);
  },
  read(source) {
    step(source, 8);
    source.at -= 8;
    const value = 2 ** 32 * u32.read(source) + u32.read(source);
    if (!Number.isSafeInteger(value)) throw new DecodeFailure("is above 2^53 - 1");
    return value;
  },
};

/** A byte that has one legal value: versions, and reserved bytes that are zero. */
export const constant = (value: number): Field<number> => ({
  kind: `u8 = ${value}`,
  sizeOf: () => 1,
  write(target) {
    target.bytes[target.at++] = value;
  },
  read(source) {
    if (source.bytes[step(source, 1)] !== value) throw new DecodeFailure(`is not ${value}`);
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

/**
 * Of each kind the last id is remembered, as text and as bytes: message after message is about the same file, and one
 * string that comes again and again is found faster in every map.
 */
function idField<Id extends FileId | EventId | MessageId | PeerId>(size: number): Field<Id> {
  let lastId = "0".repeat(2 * size) as Id;
  let lastBytes: Uint8Array = new Uint8Array(size);
  return {
    kind: `bytes[${size}]`,
    sizeOf: () => size,
    write(target, value) {
      if (value !== lastId) {
        const bytes = idToBytes(value);
        assert(bytes.length === size, `the id is ${size} bytes`);
        lastBytes = bytes;
        lastId = value;
      }
      put(target, lastBytes);
    },
    read(source) {
      const start = step(source, size);
      for (let i = 0; i < size; i++) {
        if (source.bytes[start + i] === lastBytes[i]) continue;
        lastBytes = source.bytes.slice(start, start + size);
        lastId = bytesToHex(lastBytes) as Id;
        break;
      }
      return lastId;
    },
  };
}

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
