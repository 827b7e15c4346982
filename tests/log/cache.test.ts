/** The cache of the tables: sealed, and ignored whenever it is not exactly what this device wrote for this log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { unwrap } from "../../core/base/result.ts";
import type { StorageProvider } from "../../core/base/storage.ts";
import { cryptoReady, identityFromSeed } from "../../core/crypto/index.ts";
import { cacheLayout, readCache, type Cache } from "../../core/log/cache.ts";
import { EventLog } from "../../core/log/event-log.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { tableRows } from "../support/tables.ts";
import { counting, groupKey, newAttachment } from "../vectors/event-cases.ts";
import { descriptorOf, someFile } from "./random-events.ts";
import { contentOfFile, filesOf, me, now, openStore, storeOf } from "./store.ts";

const test = suite("log: cache");
test.before(cryptoReady);

const name = "projections.cache";

const openWith = (cache: Cache) => ({
  cachedPosition: cache.position,
  cachedEvents: cache.events,
  identity: me(),
  groupKeys: [groupKey],
});

/** A log of three descriptors whose cache stands for the first two. */
async function storeWithCache(): Promise<{ provider: StorageProvider; rows: string[] }> {
  const provider = memoryStorage();
  const store = await openStore(provider);
  store.log.append(descriptorOf(0, me()), now);
  store.log.append(descriptorOf(1, me()), now);
  store.log.saveCache(seededRandom(1));
  assert.is(store.log.eventsSinceCache, 0);
  store.log.append(descriptorOf(2, me()), now);
  const rows = tableRows(store.database);
  store.close();
  return { provider, rows };
}

test("opened with its cache, a log has the tables that a replay gives, and replays only what is new", async () => {
  const { provider, rows } = await storeWithCache();
  const storage = await provider.open();
  const cache = readCache(storage, me());
  assert.ok(cache);
  if (cache === undefined) return;
  const database = await openSqlJs({ image: cache.image });
  const { log, isCacheSound } = unwrap(EventLog.open({ ...openWith(cache), storage, database }));
  assert.ok(isCacheSound);
  assert.is(log.eventsSinceCache, 1);
  assert.equal(tableRows(database), rows);
  assert.ok(log.queries.descriptor(someFile(2)));
  log.close();
  storage.close();
});

test("G-3: a log that lost events which the cache knows: the cache is not believed, whether it is ahead or beside", async () => {
  const { provider } = await storeWithCache();
  const files = await filesOf(provider);
  const bytes = files.get("events.log") as Uint8Array;
  const cut = bytes.subarray(0, 24 + 36 + descriptorOf(0, me()).bytes.length);
  const hole = bytes.slice();
  hole.fill(0, 24, cut.length);
  for (const [damaged, what] of [
    [cut, "cut before its place"],
    [hole, "an event in the middle is gone"],
  ] as const) {
    const storage = await (await storeOf(new Map([...files, ["events.log", damaged]]))).open();
    const cache = readCache(storage, me());
    assert.ok(cache, what);
    if (cache === undefined) return;
    const database = await openSqlJs({ image: cache.image });
    const opened = unwrap(EventLog.open({ ...openWith(cache), storage, database }));
    assert.not(opened.isCacheSound, what);
    opened.log.close();
    storage.close();
  }
});

test("G-7: neither a name nor a key nor an SQLite page is to be seen in it", async () => {
  const { provider } = await storeWithCache();
  const bytes = Buffer.from((await filesOf(provider)).get(name) as Uint8Array);
  const secrets = [
    utf8Encode("file 0"),
    utf8Encode("file 1"),
    newAttachment().fileKey,
    utf8Encode("SQLite format"),
    utf8Encode("text/plain"),
  ];
  for (const secret of secrets) assert.not(bytes.includes(Buffer.from(secret)));
});

test("any flipped bit and any cut: it is ignored", async () => {
  const { provider } = await storeWithCache();
  const bytes = (await filesOf(provider)).get(name) as Uint8Array;
  const random = seededRandom(5);
  const readAs = async (damaged: Uint8Array): Promise<unknown> => {
    const storage = await (await storeOf(new Map([[name, damaged]]))).open();
    return readCache(storage, me());
  };
  assert.ok(await readAs(bytes));
  for (let bit = 0; bit < 120 * 8; bit += 3) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.is(await readAs(damaged), undefined, `bit ${bit}`);
  }
  for (let run = 0; run < 40; run++) {
    const damaged = bytes.slice();
    const at = random.u32() % bytes.length;
    damaged[at] = (damaged[at] as number) ^ 1;
    assert.is(await readAs(damaged), undefined, `byte ${at}`);
    assert.is(await readAs(bytes.subarray(0, at)), undefined, `cut at ${at}`);
  }
});

test("of another device, or of another schema: it is ignored", async () => {
  const { provider } = await storeWithCache();
  const storage = await provider.open();
  assert.is(readCache(storage, identityFromSeed(counting(9, 32))), undefined);
  const decoded = unwrap(cacheLayout.decode(contentOfFile(storage, name)));
  const file = storage.open(name, { create: true });
  file?.truncate(0);
  file?.writeAt(cacheLayout.encode({ ...decoded, schema: "0002_later" }), 0);
  file?.close();
  assert.is(readCache(storage, me()), undefined);
});

test("absent, empty, or half moved into place: it is ignored", async () => {
  const empty = await (await storeOf(new Map([[name, new Uint8Array(0)]]))).open();
  assert.is(readCache(empty, me()), undefined);
  const beside = await (await storeOf(new Map([["projections.next", new Uint8Array(9)]]))).open();
  assert.is(readCache(beside, me()), undefined);
});

test.run();
