/** What more events cost: reads, statements and steps are counted, not timed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import { unwrap } from "../../core/base/result.ts";
import type { SqlDatabase } from "../../core/base/sql.ts";
import type { Storage, StorageProvider } from "../../core/base/storage.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { cacheFrameBytes, logScanBytes, openTurnEvents, streamOverheadBytes } from "../../core/limits.ts";
import { readCache, readingCache } from "../../core/log/cache.ts";
import { EventLog } from "../../core/log/event-log.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { createFileDeleted, type Event } from "../../events/index.ts";
import { tableRows } from "../support/tables.ts";
import { groupKey } from "../vectors/event-cases.ts";
import { descriptorOf, someFile } from "./random-events.ts";
import { contentOfFile, filesOf, later, logOf, me, now, openStore, storeOf } from "./store.ts";

const test = suite("log: growth");
test.before(cryptoReady);

const descriptors = (count: number): Event[] => Array.from({ length: count }, (_, n) => descriptorOf(n, me(), n));

/** Runs steps to their end and counts the pauses. */
function paused<T>(steps: Generator<undefined, T, undefined>): { readonly value: T; readonly pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = steps.next();
    if (step.done === true) return { value: step.value, pauses };
  }
}

/** Counts what is read of the log. */
function countingReads(storage: Storage): { readonly storage: Storage; reads: number } {
  const counted = { reads: 0, storage };
  const open: Storage["open"] = (name, options) => {
    const file = storage.open(name, options);
    if (file === undefined || name !== "events.log") return file;
    return new Proxy(file, {
      get(target, property) {
        if (property === "readAt") counted.reads++;
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
  counted.storage = new Proxy(storage, {
    get(target, property) {
      if (property === "open") return open;
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return counted;
}

async function opening(
  provider: StorageProvider,
  database: SqlDatabase,
  cached: { readonly position: number } | undefined,
) {
  const counted = countingReads(await provider.open());
  const options = { storage: counted.storage, database, cachedPosition: cached?.position ?? 0 };
  const { value, pauses } = paused(EventLog.opening({ ...options, identity: me(), groupKeys: [groupKey] }));
  return { counted, pauses, ...unwrap(value) };
}

test("an opening is done in steps, and comes to the tables that one without a pause has", async () => {
  const events = descriptors(3 * openTurnEvents);
  const database = await openSqlJs();
  const { log, pauses, counted } = await opening(await logOf(events), database, undefined);
  assert.is(pauses, 3);
  const store = await openStore(await logOf(events));
  assert.equal(tableRows(database), tableRows(store.database));
  log.close();
  counted.storage.close();
});

test("an opening reads the log in pieces, whatever the number of records", async () => {
  const provider = await logOf(descriptors(400));
  const { log, counted } = await opening(provider, await openSqlJs(), undefined);
  assert.ok(log.size > 2 * logScanBytes);
  assert.ok(counted.reads <= 2 + Math.ceil((1.05 * log.size) / logScanBytes), `${counted.reads} reads`);
  log.close();
  counted.storage.close();
});

test("the cache is written and read in frames; one that ends with an earlier frame is ignored", async () => {
  const provider = memoryStorage();
  const store = await openStore(provider);
  for (const event of descriptors(200)) store.log.append(event, now);
  store.log.saveCache(seededRandom(1));
  const image = store.database.image();
  assert.ok(image.length > 2 * cacheFrameBytes);
  store.close();
  const files = await filesOf(provider);
  const whole = files.get("projections.cache") as Uint8Array;
  assert.equal(paused(readingCache(await (await storeOf(files)).open(), me())).value?.image, image);
  const frames = Math.ceil(image.length / cacheFrameBytes);
  const head = whole.length - image.length - frames * streamOverheadBytes;
  for (let kept = 0; kept < frames; kept++) {
    const cut = whole.subarray(0, head + kept * (cacheFrameBytes + streamOverheadBytes));
    const storage = await (await storeOf(new Map([["projections.cache", cut]]))).open();
    assert.is(readCache(storage, me()), undefined, `${kept} frames`);
  }
});

test("a cache is due when one event in a hundred is not in it, and when it was thrown away", async () => {
  const provider = memoryStorage();
  const store = await openStore(provider);
  const events = descriptors(203);
  for (const event of events.slice(0, 200)) store.log.append(event, now);
  assert.ok(store.log.isCacheDue, "there is none");
  store.log.saveCache(seededRandom(1));
  assert.not(store.log.isCacheDue);
  for (const event of events.slice(200, 202)) store.log.append(event, now);
  assert.not(store.log.isCacheDue, "two of 202");
  store.log.append(events[202] as Event, now);
  assert.ok(store.log.isCacheDue, "three of 203");
  store.log.saveCache(seededRandom(2));
  store.log.append(createFileDeleted(someFile(1), 1, later(5), me()), now);
  assert.ok(store.log.isCacheDue, "a key was shredded, and the cache with it");
  assert.is(contentOfFile(store.storage, "projections.cache").length, 0);
  store.close();
});

test("the name of a file is asked of the tables once, until a descriptor comes or goes", async () => {
  const store = await openStore();
  let asked = 0;
  const all = store.database.all.bind(store.database);
  store.database.all = (sql, parameters) => {
    asked++;
    return all(sql, parameters);
  };
  assert.is(store.log.descriptor(someFile(1))?.name, undefined);
  store.log.append(descriptorOf(1, me()), now);
  asked = 0;
  for (let i = 0; i < 100; i++) assert.is(store.log.descriptor(someFile(1))?.name, "file 1");
  assert.is(asked, 1);
  store.log.append(createFileDeleted(someFile(1), 1, later(5), me()), now);
  assert.is(store.log.descriptor(someFile(1))?.name, undefined);
  store.close();
});

test.run();
