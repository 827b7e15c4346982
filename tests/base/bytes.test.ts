/** Bytes and ids: what comes from outside as text is taken only in its one canonical form. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  bytesEqual,
  bytesToHex,
  concatBytes,
  hexToBytes,
  isAllZero,
  utf8Decode,
  utf8Encode,
  releaseBytes,
} from "../../core/base/bytes.ts";
import { releaseBytesMin } from "../../core/limits.ts";
import { fileIdBytes, fileIdFromBytes, idToBytes, parseId, type FileId } from "../../core/base/ids.ts";

const test = suite("base: bytes");

test("any bytes: to hex and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      assert.is(bytesToHex(bytes), Buffer.from(bytes).toString("hex"));
      assert.ok(bytesEqual(hexToBytes(bytesToHex(bytes)) as Uint8Array, bytes));
    }),
  );
});

test("text that is no lower-case hex: undefined", () => {
  for (const text of ["0", "0G", "AB", "zz", " 0", "0x00", "é0"]) assert.is(hexToBytes(text), undefined, text);
});

test("an id from the app: its length of lower-case hex, or undefined", () => {
  const id = "0123456789abcdef0123456789abcdef";
  assert.is(parseId<FileId>(id, fileIdBytes), id);
  for (const text of ["", id.slice(2), `${id}00`, id.toUpperCase(), `../${id.slice(3)}`, id.replace("0", "\0")]) {
    assert.is(parseId<FileId>(text, fileIdBytes), undefined, JSON.stringify(text));
  }
  assert.is(fileIdFromBytes(idToBytes(id as FileId)), id);
  assert.throws(() => fileIdFromBytes(new Uint8Array(15)), /its length/);
});

test("UTF-8: well-formed or undefined, a byte order mark is kept", () => {
  assert.is(utf8Decode(new Uint8Array([0xc3, 0x28])), undefined);
  assert.is(utf8Decode(new Uint8Array([0xed, 0xa0, 0x80])), undefined);
  const text = "\uFEFFname \u202E🎉";
  assert.is(utf8Decode(utf8Encode(text)), text);
});

test("joined, compared, all zero: as their names say", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 5 }), (parts) => {
      const joined = concatBytes(...parts);
      assert.ok(bytesEqual(joined, Uint8Array.from(parts.flatMap((part) => [...part]))));
      assert.is(
        isAllZero(joined),
        joined.every((byte) => byte === 0),
      );
      assert.not(bytesEqual(joined, concatBytes(joined, new Uint8Array(1))));
    }),
  );
});

test("memory is given back when the bytes are all of it, and is worth it; else it stays", () => {
  const whole = new Uint8Array(releaseBytesMin);
  releaseBytes(whole);
  assert.is(whole.buffer.byteLength, 0);
  const part = new Uint8Array(2 * releaseBytesMin).subarray(releaseBytesMin);
  releaseBytes(part);
  assert.is(part.length, releaseBytesMin);
  const short = new Uint8Array(releaseBytesMin - 1);
  releaseBytes(short);
  assert.is(short.length, releaseBytesMin - 1);
});

test("memory is given back at once, not when the collector comes by", () => {
  const mebibyte = 1024 * 1024;
  const pieces = Array.from({ length: 64 }, () => new Uint8Array(mebibyte));
  const before = process.memoryUsage().arrayBuffers;
  for (const piece of pieces) releaseBytes(piece);
  assert.ok(before - process.memoryUsage().arrayBuffers > 60 * mebibyte);
});

test.run();
