/**
 * The log is the truth and the tables follow from it (G-3): appended one by one, replayed, in any order, with any
 * duplication, with the keys at hand or handed over later, the tables are the same row for row.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cryptoReady } from "../../core/crypto/index.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import type { Event } from "../../events/index.ts";
import { createFileDeleted, createFileVerified, createFileWanted, createWindowsProved } from "../../events/index.ts";
import { tableRows } from "../support/tables.ts";
import { groupKey } from "../vectors/event-cases.ts";
import { createEvent } from "../../events/envelope.ts";
import { unwrap } from "../../core/base/result.ts";
import { LogFile } from "../../core/log/log-file.ts";
import { authors, descriptorOf, logAndShuffle, otherKey, randomLog, someFile } from "./random-events.ts";
import { later, me, now, openStore } from "./store.ts";

const test = suite("log: replay");
test.before(cryptoReady);

const keys = [groupKey, otherKey];

async function rowsAfter(events: readonly Event[], groupKeys = keys): Promise<string[]> {
  const store = await openStore(memoryStorage(), groupKeys);
  for (const event of events) store.log.append(event, now);
  const rows = tableRows(store.database);
  store.close();
  return rows;
}

test("G-3: any log replayed gives the tables that appending gave, with some of the keys or all", async () => {
  const property = fc.asyncProperty(randomLog, fc.boolean(), async (events, hasAllKeys) => {
    const groupKeys = hasAllKeys ? keys : [groupKey];
    const provider = memoryStorage();
    const appended = await openStore(provider, groupKeys);
    for (const event of events) appended.log.append(event, now);
    const before = tableRows(appended.database);
    const sequence = appended.log.nextSequence();
    appended.close();
    const replayed = await openStore(provider, groupKeys);
    assert.equal(tableRows(replayed.database), before);
    assert.is(replayed.log.nextSequence(), sequence);
    replayed.close();
  });
  await fc.assert(property, { numRuns: 150 });
});

test("G-3: the same events in any order and any number of times give identical tables", async () => {
  const property = fc.asyncProperty(logAndShuffle, async ([events, shuffled]) => {
    assert.equal(await rowsAfter(shuffled), await rowsAfter(events));
  });
  await fc.assert(property, { numRuns: 300 });
});

test("G-3: a key handed over later gives the tables that it would have given from the start", async () => {
  const property = fc.asyncProperty(randomLog, async (events) => {
    const late = await openStore(memoryStorage(), [groupKey]);
    for (const event of events) late.log.append(event, now);
    late.log.setGroupKeys(keys);
    assert.equal(tableRows(late.database), await rowsAfter(events));
    late.close();
  });
  await fc.assert(property, { numRuns: 150 });
});

test("the same event twice is recorded once, in the log and in the tables", async () => {
  const store = await openStore();
  const event = descriptorOf(1, me());
  assert.ok(store.log.append(event, now).isNew);
  const size = store.log.size;
  const rows = tableRows(store.database);
  assert.equal(store.log.append(event, later(5)), { isNew: false, gone: [] });
  assert.is(store.log.size, size);
  assert.equal(tableRows(store.database), rows);
  assert.is(store.log.shared.count, 1);
  store.close();
});

/** Every order of the events gives the same tables; the rows of the first order are handed back. */
async function everyOrder(events: readonly Event[]): Promise<string[]> {
  const orders = permutations(events);
  const expected = await rowsAfter(orders[0] ?? []);
  for (const order of orders) assert.equal(await rowsAfter(order), expected);
  return expected;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

test("a deletion before its descriptor hides it as one after it does; another author's descriptor stays", async () => {
  const [ana, ben] = authors();
  assert.ok(ana && ben);
  if (!ana || !ben) return;
  const events = [descriptorOf(1, ana), descriptorOf(1, ben, 1), createFileDeleted(someFile(1), 1, later(2), ana)];
  const rows = await everyOrder([...events, createFileDeleted(someFile(1), 0, later(2), ana)]);
  const attachments = rows.filter((row) => row.startsWith("attachments"));
  assert.is(attachments.length, 1);
  assert.match(attachments[0] ?? "", ben.peerId);
  assert.is(rows.filter((row) => row.startsWith("holders")).length, 1);
});

test("wants: the highest sequence wins, whichever comes last", async () => {
  const base = { fileId: someFile(1), priority: 5, slicesDropped: false, requestedAtMs: now, expiresAtMs: 0 };
  const rows = await everyOrder([
    createFileWanted({ ...base, sequence: 1, action: "request", status: "active", failure: "" }, now, me()),
    createFileWanted({ ...base, sequence: 2, action: "pause", status: "paused", failure: "" }, now, me()),
    createFileWanted({ ...base, sequence: 3, action: "cancel", status: "cancelled", failure: "" }, now, me()),
  ]);
  assert.match(rows.find((row) => row.startsWith("wants")) ?? "", `"status":"cancelled"`);
});

test("proved, verified, thrown away, proved again: every order tells the same of what is proved", async () => {
  const file = { fileId: someFile(1) };
  const want = { ...file, priority: 5, requestedAtMs: now, expiresAtMs: 0, failure: "" } as const;
  const proved = (sequence: number): Event =>
    createWindowsProved({ ...file, sequence, ranges: [{ start: sequence, count: 1 }] }, now, me());
  const rows = await everyOrder([
    proved(1),
    createFileVerified({ ...file, sequence: 2, priority: 5, requestedAtMs: now }, now, me()),
    createFileWanted({ ...want, sequence: 3, action: "damage", status: "active", slicesDropped: false }, now, me()),
    proved(4),
    createFileWanted({ ...want, sequence: 5, action: "cancel", status: "cancelled", slicesDropped: true }, now, me()),
    proved(6),
  ]);
  assert.is(rows.filter((row) => row.startsWith("proved")).length, 1);
  assert.match(rows.find((row) => row.startsWith("proved")) ?? "", `"sequence":6`);
  assert.match(rows.find((row) => row.startsWith("files")) ?? "", `"resetSequence":5,"verifiedSequence":0`);
});

test("an event of a type that only a later version knows does nothing to the tables, and stays in the log", async () => {
  const provider = memoryStorage();
  const storage = await provider.open();
  const file = storage.open("events.log", { create: true });
  const log = file && unwrap(LogFile.open(file));
  const unknown = createEvent({ type: 0x3f, createdAtMs: now, ttlMs: 0, payload: new Uint8Array(9) }, me());
  for (const event of [unknown, descriptorOf(1, me())]) log?.append(event.id, event.bytes, now);
  file?.close();
  storage.close();
  const store = await openStore(provider);
  assert.equal(tableRows(store.database), await rowsAfter([descriptorOf(1, me())]));
  assert.equal(store.log.eventBytes(unknown.id), unknown.bytes);
  store.close();
});

test.run();
