/**
 * Events from other devices: whatever is wrong with one is found and called by its name before it is let into the log
 * (G-8). Every single bit of every event that may travel is flipped once.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "../../core/base/bytes.ts";
import { epochMs, type PeerId } from "../../core/base/ids.ts";
import type { Result } from "../../core/base/result.ts";
import { createIdentity, cryptoReady, identityFromSeed, sealBox } from "../../core/crypto/index.ts";
import { errorTable } from "../../core/errors.ts";
import {
  checkForeignEvent,
  createAttachmentExpired,
  createFileDeleted,
  createFileVerified,
} from "../../events/index.ts";
import { createFileWanted, createMessageAttachment, createWindowsProved, groupKeyring } from "../../events/index.ts";
import { sealedPayloadLayout, type Event } from "../../events/index.ts";
import { createEvent, envelopeHeader } from "../../events/envelope.ts";
import { messageAttachmentLayout, messageAttachmentType } from "../../events/message-attachment.ts";
import { boxNonce, counting, createdAtMs, fileId, groupKey, newAttachment, seed } from "../vectors/event-cases.ts";

const test = suite("events: foreign");
test.before(cryptoReady);

const author = () => identityFromSeed(seed);
const keyring = () => groupKeyring([groupKey]);
const everyone = (): boolean => true;
const nobody = (): boolean => false;
const now = createdAtMs;

const attachment = (changes = {}): Event =>
  createMessageAttachment(newAttachment(changes), author(), groupKey, boxNonce);
const deletion = (): Event => createFileDeleted(fileId(2000), 1, createdAtMs, author());

function check(bytes: Uint8Array, isKnown: (peer: PeerId) => boolean = everyone, at = now): string {
  const checked: Result<Event> = checkForeignEvent(bytes, keyring(), isKnown, at);
  return checked.ok ? "ok" : checked.error.code;
}

/** Signed by its author with a payload of our choice, sealed as the group would. */
function attachmentOf(plain: Uint8Array, key = groupKey): Event {
  const event = { type: messageAttachmentType, createdAtMs, ttlMs: 0 };
  const box = sealBox(plain, key, boxNonce, envelopeHeader(event, author()));
  const { keyId } = (sealedPayloadLayout.decode(attachment().payload) as { ok: true; value: { keyId: Uint8Array } })
    .value;
  return createEvent({ ...event, payload: sealedPayloadLayout.encode({ keyId, nonce: boxNonce, box }) }, author());
}

const plainOf = (changes: object): Uint8Array =>
  messageAttachmentLayout.encode({ ...newAttachment(), reserved: 0, ...changes });

test("G-8: an event with any one bit flipped is refused by name", () => {
  const codes = new Set<string>();
  for (const event of [attachment({ ttlMs: 1000 }), deletion()]) {
    for (let bit = 0; bit < 8 * event.bytes.length; bit++) {
      const bytes = event.bytes.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const code = check(bytes);
      assert.ok(code in errorTable, `bit ${bit}: ${code}`);
      codes.add(code);
    }
  }
  for (const code of ["event_version_unknown", "event_type_unknown", "event_local", "signature_invalid"]) {
    assert.ok(codes.has(code), `${code} is among ${[...codes].join(", ")}`);
  }
});

test("G-8: cut anywhere, with bytes added, or random: refused by name and never thrown", () => {
  const { bytes } = attachment();
  for (let length = 0; length < bytes.length; length++) assert.is.not(check(bytes.subarray(0, length)), "ok");
  assert.is.not(check(concatBytes(bytes, new Uint8Array(1))), "ok");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1300 }), (tail) => {
      assert.is.not(check(tail), "ok");
      assert.is.not(check(concatBytes(bytes.subarray(0, 2), tail)), "ok");
    }),
    { numRuns: 500 },
  );
});

test("as it was made it is taken", () => {
  assert.is(check(attachment().bytes), "ok");
  assert.is(check(deletion().bytes), "ok");
});

test("1,201 bytes: too large, and not looked at any further", () => {
  assert.is(check(new Uint8Array(1200)), "event_version_unknown");
  assert.is(check(new Uint8Array(1201)), "event_too_large");
});

test("a version or a type of the future: refused by name", () => {
  const event = createEvent({ type: 0x3f, createdAtMs, ttlMs: 0, payload: counting(0, 9) }, author());
  assert.is(check(event.bytes), "event_type_unknown");
  const bytes = attachment().bytes.slice();
  bytes[0] = 2;
  assert.is(check(bytes), "event_version_unknown");
});

test("events that never leave their device are not taken from another, however well signed", () => {
  const file = { fileId: fileId(2000), sequence: 1 };
  const want = { ...file, action: "request", status: "active", priority: 5, slicesDropped: false } as const;
  const local = [
    createFileWanted({ ...want, requestedAtMs: 0, expiresAtMs: 0, failure: "" }, createdAtMs, author()),
    createWindowsProved({ ...file, ranges: [] }, createdAtMs, author()),
    createFileVerified({ ...file, priority: 5, requestedAtMs: 0 }, createdAtMs, author()),
    createAttachmentExpired({ ...file, author: author().peerId }, createdAtMs, author()),
  ];
  for (const event of local) assert.is(check(event.bytes), "event_local");
});

test("a day ahead is a wrong clock, a millisecond more is refused", () => {
  const dayMs = 24 * 60 * 60 * 1000;
  const { bytes } = attachment();
  assert.is(check(bytes, everyone, epochMs(createdAtMs - dayMs)), "ok");
  assert.is(check(bytes, everyone, epochMs(createdAtMs - dayMs - 1)), "event_from_future");
});

test("its time to live over it is refused, up to that moment it is taken", () => {
  const { bytes } = attachment({ ttlMs: 1000 });
  assert.is(check(bytes, everyone, epochMs(createdAtMs + 999)), "ok");
  assert.is(check(bytes, everyone, epochMs(createdAtMs + 1000)), "event_expired");
});

test("a forged author: somebody else's name over one's own signature does not verify", () => {
  const victim = createIdentity();
  const forger = author();
  const payload = attachment().payload;
  const forged = createEvent(
    { type: messageAttachmentType, createdAtMs, ttlMs: 0, payload },
    { ...forger, peerId: victim.peerId, publicKey: victim.publicKey },
  );
  assert.is(check(forged.bytes), "signature_invalid");
});

test("a sealed payload under another author's header does not open", () => {
  const thief = createIdentity();
  const stolen = createEvent(
    { type: messageAttachmentType, createdAtMs, ttlMs: 0, payload: attachment().payload },
    thief,
  );
  assert.is(check(stolen.bytes), "payload_tag_invalid");
});

test("sealed with another key under this key's id: the tag does not match", () => {
  assert.is(check(attachmentOf(plainOf({}), counting(1, 32)).bytes), "payload_tag_invalid");
});

test("a group key that we do not have: kept of members, refused of strangers", () => {
  const event = createMessageAttachment(newAttachment(), author(), counting(7, 32), boxNonce);
  assert.is(check(event.bytes, everyone), "ok");
  assert.is(check(event.bytes, nobody), "author_unknown");
});

test("who is no member: a descriptor that the group's key opens is true, a deletion is a stranger's", () => {
  assert.is(check(attachment().bytes, nobody), "ok");
  assert.is(check(deletion().bytes, nobody), "author_unknown");
});

test("a descriptor whose fields do not follow from each other: each of them is bound by the file id", () => {
  const wrong = {
    fileId: "00".repeat(16),
    fileBytes: 1999,
    noncePrefix: counting(0x61, 20),
    fileKey: counting(0x21, 32),
    rootHash: counting(0xa1, 32),
  };
  for (const [field, value] of Object.entries(wrong)) {
    assert.is(check(attachmentOf(plainOf({ [field]: value })).bytes), "descriptor_inconsistent", field);
  }
  const fields = { fileBytes: 2 ** 32 * 450 + 1, fileId: fileId(2 ** 32 * 450 + 1) };
  assert.is(check(attachmentOf(plainOf(fields)).bytes), "descriptor_inconsistent");
});

test("a payload with a byte too many, a reserved byte that is set, or a name that is no UTF-8: malformed", () => {
  const plain = plainOf({});
  assert.is(check(attachmentOf(plain).bytes), "ok");
  assert.is(check(attachmentOf(concatBytes(plain, new Uint8Array(1))).bytes), "event_malformed");
  const reserved = plain.slice();
  reserved[plain.length - 1] = 1;
  assert.is(check(attachmentOf(reserved).bytes), "event_malformed");
  const notText = plain.slice();
  const nameAt = 16 + 16 + 8 + 20 + 32 + 32 + 1;
  notText[nameAt] = 0xff;
  assert.is(check(attachmentOf(notText).bytes), "event_malformed");
});

test.run();
