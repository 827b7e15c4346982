/** The kinds of field: what goes in comes out, what is not of the kind is refused by name, whatever the bytes are. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex } from "../../core/base/bytes.ts";
import type { FileId } from "../../core/base/ids.ts";
import { constant, countedBytes, countedText, fileIdField, fixedBytes, list } from "../../core/codec/field.ts";
import { bytesBefore, rangeField, restBytes, u16, u32, u64, u8, type Field } from "../../core/codec/field.ts";
import { column, layout } from "../../core/codec/layout.ts";

const test = suite("codec: fields");

const only = <Value>(field: Field<Value>) => layout("only", "message_malformed", { it: column(field, "the field") });

function refusal<Value>(field: Field<Value>, bytes: readonly number[]): string {
  const decoded = only(field).decode(Uint8Array.from(bytes));
  assert.not(decoded.ok, "it is refused");
  if (decoded.ok) return "";
  assert.is(decoded.error.code, "message_malformed");
  return decoded.error.message;
}

const kinds = [
  [u8, fc.integer({ min: 0, max: 0xff })],
  [u16, fc.integer({ min: 0, max: 0xffff })],
  [u32, fc.integer({ min: 0, max: 0xffffffff })],
  [u64, fc.maxSafeNat()],
  [constant(7), fc.constant(7)],
  [fixedBytes(20), fc.uint8Array({ minLength: 20, maxLength: 20 })],
  [fileIdField, fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytesToHex)],
  [restBytes, fc.uint8Array({ maxLength: 50 })],
  [countedBytes(u8, 30), fc.uint8Array({ maxLength: 30 })],
  [countedBytes(u16, 300), fc.uint8Array({ maxLength: 300 })],
  [countedText(u8, 255), fc.string({ unit: "grapheme", maxLength: 30 })],
  [list(u16, 20), fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })],
  [rangeField, fc.tuple(fc.nat(), fc.integer({ min: 1, max: 1000 })).map(([start, count]) => ({ start, count }))],
] as unknown as readonly (readonly [Field<never>, fc.Arbitrary<unknown>])[];

for (const [field, values] of kinds) {
  test(`${field.kind}: any value goes in and comes out, in as many bytes as measured`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const encoded = only(field).encode({ it: value as never });
        assert.is(encoded.length, field.sizeOf(value as never));
        const decoded = only(field).decode(encoded);
        assert.equal(decoded.ok && decoded.value.it, value);
      }),
    );
  });

  test(`${field.kind}: cut anywhere or with a byte too many it is refused, never thrown`, () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, seed) => {
        const encoded = only(field).encode({ it: value as never });
        if (field === (restBytes as unknown)) return;
        const cut = encoded.subarray(0, seed % encoded.length);
        assert.not(only(field).decode(cut).ok);
        assert.not(only(field).decode(Uint8Array.from([...encoded, 0])).ok);
      }),
    );
  });
}

test("a field says what was wrong with it", () => {
  assert.match(refusal(u32, [1, 2, 3]), "only.it ends early");
  assert.match(refusal(constant(0), [1]), "only.it is not 0");
  assert.match(refusal(u64, [0, 0x20, 0, 0, 0, 0, 0, 0]), "only.it is above 2^53 - 1");
  assert.match(refusal(countedBytes(u8, 3), [4, 1, 2, 3, 4]), "only.it is longer than 3");
  assert.match(refusal(countedText(u8, 9), [2, 0xc3, 0x28]), "only.it is not UTF-8");
  assert.match(refusal(list(u8, 2), [0, 3, 1, 2, 3]), "only.it has more than 2 items");
  assert.match(refusal(list(u8, 9), [0xff, 0xff]), "only.it has more than 9 items");
  assert.match(refusal(rangeField, [0, 0, 0, 1, 0, 0, 0, 0]), "only.it is an empty run");
  assert.match(refusal(u8, [1, 2]), "1 bytes too many");
});

test("a length is believed only when its bytes are there: nothing is allocated for it", () => {
  const huge = countedBytes(u32, 2 ** 32 - 1);
  assert.match(refusal(huge, [0xff, 0xff, 0xff, 0xfe, 1]), "ends early");
});

test("what is before a fixed tail is all but the tail; shorter than the tail it ends early", () => {
  const table = layout("two", "event_malformed", {
    body: column(bytesBefore(4), "the rest"),
    tail: column(fixedBytes(4), "four"),
  });
  const decoded = table.decode(Uint8Array.from([1, 2, 3, 4, 5, 6]));
  assert.equal(decoded.ok && [...decoded.value.body], [1, 2]);
  assert.not(table.decode(Uint8Array.from([1, 2, 3])).ok);
  assert.ok(table.decode(Uint8Array.from([1, 2, 3, 4])).ok);
});

test("a value that does not fit its field is our own mistake", () => {
  assert.throws(() => only(u8).encode({ it: 256 }), /in range/);
  assert.throws(() => only(u64).encode({ it: 2 ** 53 }), /in range/);
  assert.throws(() => only(u16).encode({ it: 1.5 }), /in range/);
  assert.throws(() => only(fixedBytes(2)).encode({ it: new Uint8Array(3) }), /2 bytes/);
  assert.throws(() => only(countedBytes(u8, 3)).encode({ it: new Uint8Array(4) }), /fit/);
  assert.throws(() => only(fileIdField).encode({ it: "00" as FileId }), /16 bytes/);
});

test.run();
