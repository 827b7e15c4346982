/** Messages: golden bytes, round trips, and that nothing from outside is more than a named refusal (G-8). */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, hexToBytes } from "../../core/base/bytes.ts";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { messageBytesMax } from "../../core/limits.ts";
import { decodeMessage, encodeMessage, messageLayouts, messageTypes } from "../../core/sync/messages.ts";
import { refusalCode, refusalCodes, refusalNumber, type MessageName } from "../../core/sync/messages.ts";
import { assertGolden, readGolden } from "../vectors/golden-files.ts";
import { wireHex } from "../vectors/golden.ts";
import { messageCases, messageOfCase } from "../vectors/message-cases.ts";

const test = suite("sync: messages");

const codeOf = (bytes: Uint8Array): string => {
  const decoded = decodeMessage(bytes);
  return decoded.ok ? "ok" : decoded.error.code;
};

test("the bytes of every message are what they always were", () => {
  const stored = readGolden("messages");
  const made = messageCases();
  assert.equal(
    made.map(({ name }) => name),
    stored.map(({ name }) => name),
  );
  for (const each of made) assertGolden(each, stored);
});

test("every message type is in the file", () => {
  const named = new Set(messageCases().map(({ name }) => messageOfCase(name)));
  assert.equal([...named].sort(), Object.keys(messageLayouts).sort());
});

for (const each of readGolden("messages")) {
  const bytes = hexToBytes(wireHex(each)) as Uint8Array;

  test(`${each.name}: decoded and encoded again it is the same bytes`, () => {
    const decoded = decodeMessage(bytes);
    assert.ok(decoded.ok);
    if (!decoded.ok) return;
    const { name, ...fields } = decoded.value;
    assert.is(name, messageOfCase(each.name));
    assert.equal(encodeMessage(name as "hello", fields as never), bytes);
  });

  test(`${each.name}: cut anywhere it is refused by the name of the field that is missing`, () => {
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeMessage(bytes.subarray(0, length));
      if (messageOfCase(each.name) === "slices" && decoded.ok) continue; // its last field goes to the end
      assert.not(decoded.ok);
      if (!decoded.ok) assert.is(decoded.error.code, "message_malformed");
    }
  });
}

test("no message but `slices` takes a byte more than its fields", () => {
  for (const each of readGolden("messages")) {
    if (messageOfCase(each.name) === "slices") continue;
    assert.is(codeOf(concatBytes(hexToBytes(wireHex(each)) as Uint8Array, Uint8Array.of(0))), "message_malformed");
  }
});

test("G-8: random bytes behind any type are a message or refused by name, never thrown", () => {
  const types = fc.oneof(fc.constantFrom(...Object.values(messageTypes)), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 600 }), (type, tail) => {
      const code = codeOf(concatBytes(Uint8Array.of(type), tail));
      assert.ok(code === "ok" || code in errorTable);
      if (!Object.values(messageTypes).includes(type)) assert.is(code, "message_type_unknown");
    }),
    { numRuns: 2000 },
  );
});

test("empty, too large, unknown: each has its own name", () => {
  assert.is(codeOf(new Uint8Array(0)), "message_malformed");
  assert.is(codeOf(new Uint8Array(messageBytesMax + 1)), "message_too_large");
  assert.is(codeOf(Uint8Array.of(0xee)), "message_type_unknown");
});

test("types count up in the order of the tables; none is used twice", () => {
  const types = Object.values(messageTypes);
  assert.is(new Set(types).size, types.length);
  for (const [name, layout] of Object.entries(messageLayouts)) {
    assert.is(layout.columns.type.field.kind, `u8 = ${messageTypes[name as MessageName]}`);
  }
});

test("refusal codes go there and back; an unknown number is still a refusal", () => {
  for (const [code, number] of Object.entries(refusalCodes)) {
    assert.is(refusalNumber(code as ErrorCode), number);
    assert.is(refusalCode(number), code);
  }
  assert.is(new Set(Object.values(refusalCodes)).size, Object.keys(refusalCodes).length);
  assert.ok(refusalCode(65_535) in errorTable);
});

test("every failure that a peer can be told of has its number", () => {
  const told = Object.entries(errorTable).filter(([, { fault }]) => fault === "peer");
  const ofTheChannel = /^(handshake|channel|frame|connection)_/;
  for (const [code] of told) {
    if (ofTheChannel.test(code)) continue;
    assert.ok(code in refusalCodes, code);
  }
});

test.run();
