/**
 * events.log: cut off anywhere it opens with every whole record (G-9); a bit that flips in the middle costs its own
 * record; what is no log, or a newer one, is told apart.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cryptoReady } from "../../core/crypto/index.ts";
import { openFormat } from "../../core/log/format.ts";
import { seededRandom } from "../../core/base/random.ts";
import { utf8Encode } from "../../core/base/bytes.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import type { Event } from "../../events/index.ts";
import { tableRows } from "../support/tables.ts";
import { authors, descriptorOf } from "./random-events.ts";
import { filesOf, logOf, now, openStore, storeOf, tryOpenStore } from "./store.ts";

const test = suite("log: file");
test.before(cryptoReady);

const headerBytes = 24;
const recordHeaderBytes = 36;

const someEvents = (count: number): Event[] => {
  const all = authors();
  return Array.from({ length: count }, (_, n) => descriptorOf(n, all[n % all.length] as (typeof all)[number], n));
};

/** Where each record begins, and the end. */
function positionsOf(events: readonly Event[]): number[] {
  const positions = [headerBytes];
  for (const event of events) positions.push((positions.at(-1) as number) + recordHeaderBytes + event.bytes.length);
  return positions;
}

const logBytes = async (events: readonly Event[]): Promise<Uint8Array> =>
  (await filesOf(await logOf(events))).get("events.log") as Uint8Array;

test("G-9: cut at every byte of its last 2,000 the log opens, and what was whole before the cut is there", async () => {
  const events = someEvents(8);
  const positions = positionsOf(events);
  const bytes = await logBytes(events);
  assert.is(bytes.length, positions.at(-1));
  for (let size = bytes.length; size >= Math.max(0, bytes.length - 2000); size--) {
    const provider = await storeOf(new Map([["events.log", bytes.subarray(0, size)]]));
    const store = await openStore(provider);
    const whole = events.filter((_, i) => (positions[i + 1] as number) <= size);
    assert.is(store.scan.records, whole.length, `cut at ${size}`);
    for (const event of whole) assert.ok(store.log.has(event.id), `cut at ${size}`);
    assert.is(store.log.size, positions[whole.length], `the torn tail of ${size} is cut off`);
    // It goes on: what was lost comes again and is recorded where the tail was.
    const next = events[whole.length];
    if (next !== undefined) assert.ok(store.log.append(next, now).isNew);
    store.close();
  }
});

test("G-9: cut within its header, or made and never written: it begins anew", async () => {
  const bytes = await logBytes([]);
  assert.is(bytes.length, headerBytes);
  for (let size = 0; size <= headerBytes; size++) {
    const store = await openStore(await storeOf(new Map([["events.log", bytes.subarray(0, size)]])));
    const [event] = someEvents(1);
    assert.ok(event && store.log.append(event, now).isNew);
    store.close();
  }
});

test("a flipped bit anywhere in a middle record skips that record only, and what it held can come again", async () => {
  const events = someEvents(3);
  const positions = positionsOf(events);
  const bytes = await logBytes(events);
  const [from, to] = [positions[1] as number, positions[2] as number];
  for (let bit = 8 * from; bit < 8 * to; bit += 5) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    const store = await openStore(await storeOf(new Map([["events.log", damaged]])));
    assert.equal(store.scan, { records: 2, damaged: 1, bytesCut: 0 }, `bit ${bit - 8 * from}`);
    const [first, second, third] = events as [Event, Event, Event];
    assert.ok(store.log.has(first.id) && store.log.has(third.id));
    assert.not(store.log.has(second.id));
    assert.ok(store.log.append(second, now).isNew);
    store.close();
  }
});

test("a hole of zeros before sound records, as a crash can leave it: passed over", async () => {
  const events = someEvents(3);
  const positions = positionsOf(events);
  const bytes = await logBytes(events);
  bytes.fill(0, positions[0], positions[2]);
  const store = await openStore(await storeOf(new Map([["events.log", bytes]])));
  assert.is(store.scan.records, 1);
  assert.ok(store.log.has((events[2] as Event).id));
  store.close();
});

test("zeros at the end, as a file system can leave them: cut off", async () => {
  const events = someEvents(2);
  const bytes = await logBytes(events);
  const longer = new Uint8Array(bytes.length + 4096);
  longer.set(bytes);
  const store = await openStore(await storeOf(new Map([["events.log", longer]])));
  assert.equal(store.scan, { records: 2, damaged: 0, bytesCut: 4096 });
  assert.is(store.log.size, bytes.length);
  store.close();
});

test("a log that is no log: store_not_ours, and not a byte of it is changed", async () => {
  for (const text of ["GIF89a", "focused-file-sync log 2\n and more", "\0\0\0 zeros, then something else"]) {
    const bytes = utf8Encode(text);
    const provider = await storeOf(new Map([["events.log", bytes]]));
    const opened = await tryOpenStore(provider);
    assert.is(opened.ok ? "ok" : opened.error.code, "store_not_ours", JSON.stringify(text));
    assert.equal((await filesOf(provider)).get("events.log"), bytes);
  }
});

test("random records of any bytes never crash the opening", async () => {
  const random = seededRandom(7);
  const bytes = await logBytes(someEvents(2));
  for (let run = 0; run < 200; run++) {
    const junk = random.bytes(1 + (random.u32() % 900));
    const store = await openStore(await storeOf(new Map([["events.log", Buffer.concat([bytes, junk])]])));
    assert.is(store.scan.records, 2);
    store.close();
  }
});

test("the format file: made once and kept; torn made again; a newer one and a stranger are told apart", async () => {
  const provider = memoryStorage();
  const storage = await provider.open();
  const codeOf = (): string => {
    const opened = openFormat(storage, seededRandom(1));
    return opened.ok ? opened.value : opened.error.code;
  };
  const storeId = codeOf();
  assert.is(storeId.length, 32);
  assert.is(codeOf(), storeId);
  const file = () => storage.open("format", { create: true });
  const edit = (change: (handle: NonNullable<ReturnType<typeof file>>) => void): void => {
    const handle = file();
    assert.ok(handle);
    if (handle === undefined) return;
    change(handle);
    handle.close();
  };
  edit((handle) => handle.truncate(7));
  assert.is(codeOf().length, 32);
  edit((handle) => handle.writeAt(Uint8Array.of(0, 2), 24));
  assert.is(codeOf(), "store_newer");
  edit((handle) => handle.writeAt(utf8Encode("something else"), 0));
  assert.is(codeOf(), "store_not_ours");
  storage.close();
});

test("the tables that a cut log gives are those of the events that are left", async () => {
  const events = someEvents(4);
  const positions = positionsOf(events);
  const bytes = await logBytes(events);
  const cut = await openStore(
    await storeOf(new Map([["events.log", bytes.subarray(0, (positions[3] as number) + 7)]])),
  );
  const fresh = await openStore(await logOf(events.slice(0, 3)));
  assert.equal(tableRows(cut.database), tableRows(fresh.database));
  cut.close();
  fresh.close();
});

test.run();
