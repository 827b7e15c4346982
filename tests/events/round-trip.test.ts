/** Every event type: what goes in comes out, and its projection says what it should. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex, utf8Encode } from "../../core/base/bytes.ts";
import { epochMs, type FileId, type PeerId, type SliceNumber } from "../../core/base/ids.ts";
import { unwrap } from "../../core/base/result.ts";
import { wantActions, wantStatuses } from "../../core/base/want-status.ts";
import { cryptoReady, identityFromSeed } from "../../core/crypto/index.ts";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import {
  createAttachmentExpired,
  createFileDeleted,
  createFileVerified,
  createFileWanted,
} from "../../events/index.ts";
import {
  createMessageAttachment,
  createWindowsProved,
  decodeEvent,
  decodeFileSlice,
  decodeWindowRanges,
} from "../../events/index.ts";
import { encodeFileSlice, groupKeyring, openMessageAttachment, projectEvent, type Event } from "../../events/index.ts";
import { decodeFileWanted } from "../../events/file-wanted.ts";
import { boxNonce, fileId, groupKey, newAttachment, seed } from "../vectors/event-cases.ts";

const test = suite("events: round trip");
test.before(cryptoReady);

const identity = () => identityFromSeed(seed);
const keyring = () => groupKeyring([groupKey]);
const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => bytesToHex(bytes) as FileId);
const peers = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes) as PeerId);
const times = fc.nat({ max: 2 ** 45 }).map(epochMs);
const sequences = fc.nat();
const names = fc.string({ unit: "grapheme", maxLength: 255 }).filter((text) => utf8Encode(text).length <= 255);

function again(event: Event): Event {
  const decoded = unwrap(decodeEvent(event.bytes.slice()));
  assert.equal({ ...decoded, bytes: null }, { ...event, bytes: null });
  return decoded;
}

test("message_attachment: any name, sizes and times, also the longest of all", () => {
  const fields = fc.record(
    {
      name: names,
      mediaType: fc.string({ unit: "grapheme-ascii", maxLength: 127 }),
      width: fc.nat(),
      height: fc.nat(),
      preview: fc.uint8Array({ maxLength: 64 }),
      fileBytes: fc.nat({ max: 2 ** 40 }),
      createdAtMs: times,
      ttlMs: fc.nat(),
    },
    { noNullPrototype: true },
  );
  const property = fc.property(fields, (fields) => {
    const given = newAttachment(fields);
    const event = again(createMessageAttachment(given, identity(), groupKey, boxNonce));
    const opened = unwrap(openMessageAttachment(event, keyring()));
    assert.ok("fields" in opened);
    const { createdAtMs: _, ttlMs: __, ...expected } = given;
    if ("fields" in opened) assert.equal({ ...opened.fields }, { ...expected, reserved: 0 });
  });
  fc.assert(property, { examples: [[{ ...longest, createdAtMs: epochMs(1), ttlMs: 1 }]] });
});

const longest = {
  name: "🎉".repeat(63) + "abc",
  mediaType: "m".repeat(127),
  width: 2 ** 32 - 1,
  height: 2 ** 32 - 1,
  preview: new Uint8Array(64),
  fileBytes: 2 ** 32 * 450,
};

test("the largest descriptor fits its 1,200 bytes", () => {
  const event = createMessageAttachment(newAttachment(longest), identity(), groupKey, boxNonce);
  assert.ok(event.bytes.length <= 1200, `${event.bytes.length} bytes`);
});

test("message_attachment: neither name, key nor media type is in its bytes (G-7)", () => {
  const fields = newAttachment({ name: "very secret name.pdf", mediaType: "application/pdf" });
  const { bytes } = createMessageAttachment(fields, identity(), groupKey, boxNonce);
  for (const secret of [utf8Encode(fields.name), utf8Encode(fields.mediaType), fields.fileKey, fields.rootHash]) {
    for (let at = 0; at + 8 <= secret.length; at++) {
      assert.not(Buffer.from(bytes).includes(Buffer.from(secret.subarray(at, at + 8))));
    }
  }
});

test("file_wanted: every action, status and failure", () => {
  const failures = fc.constantFrom(...(["", ...Object.keys(errorTable)] as (ErrorCode | "")[]));
  const fields = fc.record(
    {
      sequence: sequences,
      fileId: ids,
      action: fc.constantFrom(...wantActions),
      status: fc.constantFrom(...wantStatuses),
      priority: fc.integer({ min: 1, max: 10 }),
      slicesDropped: fc.boolean(),
      requestedAtMs: times,
      expiresAtMs: times,
      failure: failures,
    },
    { noNullPrototype: true },
  );
  const property = fc.property(fields, times, (fields, at) => {
    const event = again(createFileWanted(fields, at, identity()));
    assert.equal({ ...unwrap(decodeFileWanted(event.payload)) }, fields);
  });
  fc.assert(property);
});

test("file_wanted: an action, status or failure that does not exist is malformed", () => {
  const fields = { sequence: 1, fileId: fileId(1), priority: 5, requestedAtMs: 0, expiresAtMs: 0 };
  const made = createFileWanted(
    { ...fields, action: "fail", status: "failed", slicesDropped: false, failure: "closed" },
    epochMs(1),
    identity(),
  );
  for (const [at, value] of [
    [24, 200],
    [25, 200],
    [44, 0x78],
  ] as const) {
    const payload = made.payload.slice();
    payload[at] = value;
    const decoded = decodeFileWanted(payload);
    assert.is(decoded.ok ? "ok" : decoded.error.code, "event_malformed", `byte ${at}`);
  }
});

test("windows_proved: ranges survive, in the event and in the table", () => {
  const range = fc
    .tuple(fc.nat({ max: 4095 }), fc.integer({ min: 1, max: 4096 }))
    .map(([start, count]) => ({ start, count }));
  const property = fc.property(
    sequences,
    ids,
    fc.array(range, { maxLength: 128 }),
    times,
    (sequence, fileId, ranges, at) => {
      const event = again(createWindowsProved({ sequence, fileId, ranges }, at, identity()));
      const [change] = unwrap(projectEvent(event, keyring()));
      assert.ok(change?.kind === "windows_proved");
      if (change?.kind === "windows_proved") assert.equal([...decodeWindowRanges(change.ranges)], ranges);
    },
  );
  fc.assert(property);
});

test("file_deleted, file_verified, attachment_expired: their projections name file, author and sequence", () => {
  const property = fc.property(sequences, ids, peers, times, (sequence, fileId, author, at) => {
    const kinds = (event: Event): string[] => unwrap(projectEvent(again(event), keyring())).map(({ kind }) => kind);
    assert.equal(kinds(createFileDeleted(fileId, 1, at, identity())), ["peer_seen", "deletion_added"]);
    const verified = createFileVerified({ sequence, fileId, priority: 3, requestedAtMs: at }, at, identity());
    assert.equal(kinds(verified), ["file_verified", "want_set"]);
    const expired = unwrap(
      projectEvent(createAttachmentExpired({ sequence, fileId, author }, at, identity()), keyring()),
    );
    assert.equal(expired, [{ kind: "deletion_added", row: { fileId, author, createdAtMs: at, reason: 2 } }]);
  });
  fc.assert(property);
});

test("file_slice: 512 bytes that are rebuilt to the byte; its nonce must be its number's", () => {
  const sealed = fc.uint8Array({ minLength: 466, maxLength: 466 });
  const slices = fc.nat({ max: 2 ** 32 - 1 }).map((n) => n as SliceNumber);
  const prefixes = fc.uint8Array({ minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(ids, prefixes, slices, sealed, (fileId, prefix, slice, sealed) => {
      const bytes = encodeFileSlice(fileId, prefix, slice, sealed);
      assert.is(bytes.length, 512);
      const decoded = unwrap(decodeFileSlice(bytes));
      assert.is(decoded.sliceNumber, slice);
      assert.equal([...decoded.ciphertext, ...decoded.tag], [...sealed]);
      bytes[18 + 3] = (bytes[18 + 3] as number) ^ 1;
      const moved = decodeFileSlice(bytes);
      assert.is(moved.ok ? "ok" : moved.error.code, "event_malformed");
    }),
  );
});

test.run();
