/** A store whose writing was cut off anywhere opens again, and what was under way completes (G-9). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesEqual } from "../../core/base/bytes.ts";
import type { FileId } from "../../core/base/ids.ts";
import { contentOf } from "../file/content.ts";
import { contentOfFile, storeOf } from "../log/store.ts";
import { readAttachment } from "../support/attach.ts";
import { pair, type Device } from "../support/world.ts";
import { fetchPart, share } from "./story.ts";
import { meet, openDirect, part, startMs, talk, type DirectDevice } from "./direct.ts";

const test = suite("scenario: cut anywhere");

const bytes = contentOf(96_000);
const cutBytes = 2000;

interface Halfway {
  readonly ben: Device;
  readonly fileId: FileId;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The other device, with the whole file, to go on with. */
  readonly ana: DirectDevice;
}

/** Ben has half of a file and is killed; his store is copied as it is then. */
async function halfway(): Promise<Halfway> {
  const { world, ana, ben } = await pair({ seed: 1, link: { bytesPerSecond: 10_000 } });
  const fileId = await share(world, ana, [ben], bytes);
  await fetchPart(world, ben, fileId, 0.5);
  world.crash(ben, "kill");
  const storage = await ben.provider.open();
  const files = new Map(storage.list("").map((name) => [name, contentOfFile(storage, name)]));
  storage.close();
  await world.close(ana);
  return { ben, fileId, files, ana: await openDirect(ana.provider, ana.identity, world.group) };
}

/** Opens ben's store with one file cut off, goes on with the transfer, and looks at the result. */
async function goOn(
  { ben, fileId, files, ana }: Halfway,
  name: string,
  size: number,
  isWanted: boolean,
): Promise<void> {
  const provider = await storeOf(new Map([...files, [name, (files.get(name) as Uint8Array).subarray(0, size)]]));
  const again = await openDirect(provider, ben.identity, ben.group);
  const what = `${name} cut at ${size}`;
  assert.is(again.engine.progress(fileId, startMs)?.status ?? "none", isWanted ? "active" : "none", what);
  if (!isWanted) assert.ok(again.engine.request(fileId, {}, startMs).ok, what);
  meet(ana, again, startMs);
  talk(ana, again, startMs);
  assert.is(again.engine.progress(fileId, startMs)?.status, "complete", what);
  assert.ok(bytesEqual(readAttachment(again.engine.log, fileId), bytes), what);
  part(ana, again, startMs);
  again.close();
}

test("the slice file cut at every byte of its last 2,000: opens, goes on, completes, byte-identical (G-9, G-1)", async () => {
  // Goal: a crash while slices are written loses at most what was being written. Method: every cut, a whole transfer each.
  const at = await halfway();
  const name = `slices/${at.fileId}`;
  const { length } = at.files.get(name) as Uint8Array;
  for (let size = length; size > length - cutBytes; size--) await goOn(at, name, size, true);
  at.ana.close();
});

test("the log cut at every byte of its last 2,000: opens, goes on, completes, byte-identical (G-9, G-1)", async () => {
  // Goal: a crash while the log is written loses at most the record that was being written. Method: every cut.
  const at = await halfway();
  const log = at.files.get("events.log") as Uint8Array;
  const wantedUntil = at.ben.logged.map(({ position }) => position);
  // The want is the record behind the descriptor; cut before its end it was never acknowledged.
  const wantEnd = wantedUntil[2] ?? log.length;
  for (let size = log.length; size >= Math.max(0, log.length - cutBytes); size--) {
    await goOn(at, "events.log", size, size >= wantEnd);
  }
  at.ana.close();
});

test("the leaves, the format and the cache cut at every byte: opens, goes on, completes (G-9)", async () => {
  // Goal: no file of the store is needed whole. Method: every cut of each.
  const at = await halfway();
  const name = `leaves/${at.fileId}`;
  const { length } = at.files.get(name) as Uint8Array;
  for (let size = length; size >= 0; size -= 3) await goOn(at, name, size, true);
  at.ana.close();
});

test.run();
