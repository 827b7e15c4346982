/** What its author deleted cannot be brought back from the store: neither from the log nor from the cache (G-5, G-7). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cryptoReady } from "../../core/crypto/index.ts";
import { seededRandom } from "../../core/base/random.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { createAttachmentExpired, createFileDeleted, type Event } from "../../events/index.ts";
import { envelopeHeaderBytes } from "../../events/envelope.ts";
import { tableRows } from "../support/tables.ts";
import { groupKey } from "../vectors/event-cases.ts";
import { authors, descriptorOf, otherKey, someFile } from "./random-events.ts";
import { filesOf, later, me, now, openStore, storeOf } from "./store.ts";

const test = suite("log: shred");
test.before(cryptoReady);

/** The payload begins with the key's id, which is equal for all that one key sealed. */
const secretFrom = envelopeHeaderBytes + 8;

/** Whether any eight bytes of the payload or signature are somewhere in the bytes. */
function holdsAnyOf(bytes: Uint8Array, event: Event): boolean {
  const store = Buffer.from(bytes);
  const secret = Buffer.from(event.bytes.subarray(secretFrom));
  for (let at = 0; at + 8 <= secret.length; at += 4) if (store.includes(secret.subarray(at, at + 8))) return true;
  return false;
}

const deletion = (): Event => createFileDeleted(someFile(1), 1, later(5), me());

test("G-7: no payload byte of a deleted descriptor is left in events.log, and its id stays known", async () => {
  for (const hide of [
    deletion(),
    createAttachmentExpired({ sequence: 9, fileId: someFile(1), author: me().peerId }, now, me()),
  ]) {
    const provider = memoryStorage();
    const store = await openStore(provider);
    const event = descriptorOf(1, me());
    const other = descriptorOf(2, me());
    store.log.append(event, now);
    store.log.append(other, now);
    store.log.saveCache(seededRandom(1));
    assert.equal(store.log.append(hide, now).gone, [someFile(1)]);
    assert.ok(store.log.has(event.id), "peers are not asked for it again");
    assert.is(store.log.eventBytes(event.id), undefined, "and it is not sent on");
    assert.not(store.log.append(event, now).isNew);
    const rows = tableRows(store.database);
    store.close();
    const files = await filesOf(provider);
    assert.not(holdsAnyOf(files.get("events.log") as Uint8Array, event));
    assert.ok(holdsAnyOf(files.get("events.log") as Uint8Array, other), "the others are untouched");
    assert.not(files.has("projections.cache"), "the cache, which had its key, is gone");
    const again = await openStore(provider);
    assert.equal(tableRows(again.database), rows);
    assert.ok(again.log.has(event.id));
    again.close();
  }
});

test("a descriptor that comes after its deletion is shredded as it is recorded", async () => {
  const provider = memoryStorage();
  const store = await openStore(provider);
  const event = descriptorOf(1, me());
  store.log.append(deletion(), now);
  assert.ok(store.log.append(event, now).isNew);
  assert.is(store.log.eventBytes(event.id), undefined);
  store.close();
  assert.not(holdsAnyOf((await filesOf(provider)).get("events.log") as Uint8Array, event));
});

test("a descriptor that nobody could read yet is shredded when the key comes and it turns out to be deleted", async () => {
  const provider = memoryStorage();
  const store = await openStore(provider);
  const event = descriptorOf(1, me(), 0, 0, otherKey);
  store.log.append(event, now);
  store.log.append(deletion(), now);
  assert.is(store.log.queries.unreadable().length, 1);
  assert.equal(store.log.setGroupKeys([groupKey, otherKey]), { readable: [], gone: [someFile(1)] });
  assert.is(store.log.queries.unreadable().length, 0);
  store.close();
  assert.not(holdsAnyOf((await filesOf(provider)).get("events.log") as Uint8Array, event));
});

test("a crash in the middle of shredding: it is finished at the next opening", async () => {
  const event = descriptorOf(1, me());
  const whole = memoryStorage();
  const store = await openStore(whole);
  store.log.append(event, now);
  store.close();
  const before = (await filesOf(whole)).get("events.log") as Uint8Array;
  const shredding = await openStore(whole);
  shredding.log.append(deletion(), now);
  shredding.close();
  const after = (await filesOf(whole)).get("events.log") as Uint8Array;
  const headerEnd = 24 + 36;
  // The deletion is there and nothing is shredded yet; the mark alone is; the mark and a part of the zeros are.
  for (const shredded of [24, headerEnd, headerEnd + envelopeHeaderBytes + 100]) {
    const torn = after.slice();
    torn.set(before.subarray(shredded), shredded);
    const provider = await storeOf(new Map([["events.log", torn]]));
    const opened = await openStore(provider);
    assert.ok(opened.log.has(event.id));
    assert.is(opened.log.queries.descriptor(someFile(1)), undefined);
    opened.close();
    assert.not(holdsAnyOf((await filesOf(provider)).get("events.log") as Uint8Array, event), `torn at ${shredded}`);
  }
});

test("another author's descriptor of the file keeps the file: nothing of it is gone", async () => {
  const store = await openStore();
  const other = authors()[1];
  assert.ok(other);
  if (other === undefined) return;
  store.log.append(descriptorOf(1, me()), now);
  store.log.append(descriptorOf(1, other), now);
  assert.equal(store.log.append(deletion(), now).gone, []);
  assert.ok(store.log.queries.descriptor(someFile(1)));
  assert.not(store.log.queries.isDeleted(someFile(1)));
  store.close();
});

test.run();
