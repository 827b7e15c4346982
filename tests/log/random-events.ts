/** Random logs: descriptors of three authors, deletions, wants, proofs, and what only a bad group would write. */
import fc from "fast-check";
import { epochMs, type EpochMs, type FileId, type MessageId } from "../../core/base/ids.ts";
import type { Identity } from "../../core/base/identity.ts";
import type { WantAction, WantStatus } from "../../core/base/want-status.ts";
import { identityFromSeed } from "../../core/crypto/index.ts";
import {
  createAttachmentExpired,
  createFileDeleted,
  createFileVerified,
  createFileWanted,
} from "../../events/index.ts";
import { createMessageAttachment, createWindowsProved, type DeletionReason, type Event } from "../../events/index.ts";
import { counting, fileId, groupKey, newAttachment } from "../vectors/event-cases.ts";
import { me, now } from "./store.ts";

export const authors = (): Identity[] => [me(), identityFromSeed(counting(1, 32)), identityFromSeed(counting(2, 32))];
/** A key that opens a part of the descriptors; some tests have it, some get it later. */
export const otherKey = counting(0x33, 32);

export const someFile = (n: number): FileId => fileId(1000 + n);

export function descriptorOf(n: number, author: Identity, at = 0, ttlMs = 0, key = groupKey): Event {
  const messageId = `${n % 2}`.repeat(32) as MessageId;
  const fields = newAttachment({
    fileBytes: 1000 + n,
    name: `file ${n}`,
    messageId,
    createdAtMs: epochMs(now + at),
    ttlMs,
  });
  return createMessageAttachment(fields, author, key, counting(32 * n, 24));
}

type Draw = (authors: readonly Identity[], sequence: number) => Event;

const file = fc.nat({ max: 2 });
const author = fc.nat({ max: 2 });
const time = fc.nat({ max: 3 });
const at = (ms: number): EpochMs => epochMs(now + ms);

const descriptor: fc.Arbitrary<Draw> = fc.tuple(file, author, time, fc.boolean(), fc.boolean()).map(
  ([n, by, ms, expires, isOther]) =>
    (authors) =>
      descriptorOf(n, authors[by] as Identity, ms, expires ? 10_000 : 0, isOther ? otherKey : groupKey),
);

const deletion: fc.Arbitrary<Draw> = fc.tuple(file, author, time, fc.constantFrom<DeletionReason>(0, 1, 2)).map(
  ([n, by, ms, reason]) =>
    (authors) =>
      createFileDeleted(someFile(n), reason, at(ms), authors[by] as Identity),
);

const expiry: fc.Arbitrary<Draw> = fc.tuple(file, author, time).map(
  ([n, by, ms]) =>
    (authors, sequence) =>
      createAttachmentExpired(
        { sequence, fileId: someFile(n), author: (authors[by] as Identity).peerId },
        at(ms),
        me(),
      ),
);

const transitions = fc.constantFrom<readonly [WantAction, WantStatus]>(
  ["request", "active"],
  ["pause", "paused"],
  ["resume", "active"],
  ["cancel", "cancelled"],
  ["expire", "expired"],
  ["damage", "active"],
);

const want: fc.Arbitrary<Draw> = fc
  .tuple(file, transitions, fc.integer({ min: 1, max: 10 }), fc.boolean(), time)
  .map(([n, [action, status], priority, slicesDropped, ms]) => (_, sequence) => {
    const fields = { sequence, fileId: someFile(n), action, status, priority, slicesDropped };
    return createFileWanted({ ...fields, requestedAtMs: now + ms, expiresAtMs: 0, failure: "" }, at(ms), me());
  });

const proved: fc.Arbitrary<Draw> = fc.tuple(file, fc.nat({ max: 40 }), fc.integer({ min: 1, max: 9 })).map(
  ([n, start, count]) =>
    (_, sequence) =>
      createWindowsProved({ sequence, fileId: someFile(n), ranges: [{ start, count }] }, now, me()),
);

const verified: fc.Arbitrary<Draw> = file.map(
  (n) => (_, sequence) =>
    createFileVerified({ sequence, fileId: someFile(n), priority: 5, requestedAtMs: now }, now, me()),
);

const draws = fc.array(fc.oneof(descriptor, descriptor, deletion, expiry, want, want, proved, verified), {
  minLength: 1,
  maxLength: 14,
});

/** As a device would have made them: local events count up. Crypto has to be ready when it is drawn. */
export const randomLog: fc.Arbitrary<Event[]> = draws.map((all) => all.map((draw, i) => draw(authors(), i + 1)));

/** A log and what became of it on the way: another order, some events twice. */
export const logAndShuffle: fc.Arbitrary<readonly [Event[], Event[]]> = randomLog.chain((events) => {
  const indexes = events.map((_, i) => i);
  const order = fc.shuffledSubarray(indexes, { minLength: events.length });
  const again = fc.array(fc.nat({ max: events.length - 1 }), { maxLength: 6 });
  return fc
    .tuple(order, again)
    .chain(([order, again]) => fc.shuffledSubarray([...order, ...again], { minLength: order.length + again.length }))
    .map((order) => [events, order.map((i) => events[i] as Event)] as const);
});
