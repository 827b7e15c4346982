/** The whole life of a small attachment, on two devices over a simulated network. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { utf8Encode } from "../../core/base/bytes.ts";
import { decodeEvent } from "../../events/index.ts";
import { contentOf } from "../file/content.ts";
import { openStore } from "../log/store.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { contentOfFile } from "../log/store.ts";
import { tableRows } from "../support/tables.ts";
import { pair } from "../support/world.ts";
import { fetchFile, share } from "./story.ts";

const test = suite("scenario: small");

const text = utf8Encode("Meet me at the old harbour at nine, and bring the letters. ".repeat(34)).subarray(0, 2000);

test("2 KB: attached, announced, requested, synced, verified, read; the same bytes at both ends (G-1)", async () => {
  // Goal: the main job, once, from end to end. Method: two devices on a good link; every step is looked at.
  const { world, ana, ben } = await pair({ seed: 1 });
  const fileId = await share(world, ana, [ben], text, { name: "letter.txt", mediaType: "text/plain" });
  assert.is(ben.progress(fileId)?.name, "letter.txt");
  assert.is(ben.status(fileId), "none");
  assert.throws(() => ben.read(fileId), /not_complete/);
  await fetchFile(world, [ben], fileId);
  assert.equal(ben.read(fileId), text);
  assert.equal(ana.read(fileId), text);
  const { percent, bytesReceived, slicesReceived } = ben.progress(fileId) ?? {};
  assert.equal({ percent, bytesReceived, slicesReceived }, { percent: 100, bytesReceived: 2000, slicesReceived: 5 });
});

test("neither plaintext nor name nor key is in the store or on the wire (G-7)", async () => {
  // Goal: whoever has the disk or the network without the group key learns nothing. Method: every byte that is written
  // or sent is searched for runs of the secrets.
  const { world, ana, ben } = await pair({ seed: 2 });
  const wire: Uint8Array[] = [];
  world.tap(({ bytes }) => void wire.push(bytes.slice()));
  const fileId = await share(world, ana, [ben], text, { name: "harbour letters.txt", mediaType: "text/x-secret" });
  await fetchFile(world, [ben], fileId);
  const fileKey = ben.log.queries.descriptor(fileId)?.fileKey as Uint8Array;
  const groupKey = ben.group.keys[0] as Uint8Array;
  const secrets = [
    text.subarray(0, 900),
    utf8Encode("harbour letters.txt"),
    utf8Encode("text/x-secret"),
    fileKey,
    groupKey,
  ];
  ben.log.saveCache(world.random);
  for (const device of [ana, ben]) await world.close(device);
  const stored: Uint8Array[] = [];
  for (const device of [ana, ben]) {
    const storage = await device.provider.open();
    for (const name of storage.list("")) stored.push(contentOfFile(storage, name));
    storage.close();
  }
  for (const secret of secrets) {
    for (let at = 0; at + 10 <= secret.length; at += 5) {
      const run = Buffer.from(secret.subarray(at, at + 10));
      for (const bytes of [...wire, ...stored]) assert.is(Buffer.from(bytes).indexOf(run), -1);
    }
  }
});

test("the log of either device, replayed or put in another order, gives the same tables (G-3)", async () => {
  // Goal: tables follow from events alone. Method: restart, and append the events backwards to an empty log.
  const { world, ana, ben } = await pair({ seed: 3 });
  const kept = await share(world, ana, [ben], contentOf(70_000));
  const deleted = await share(world, ana, [ben], contentOf(3000, 2));
  await fetchFile(world, [ben], kept);
  ana.delete(deleted);
  await world.run({ forMs: 20_000 });
  for (const device of [ana, ben]) {
    const rows = tableRows(device.database);
    const events = device.logged.flatMap(({ id }) => device.log.eventBytes(id) ?? []);
    await world.close(device);
    await world.restart(device);
    assert.equal(tableRows(device.database), rows);
    const store = await openStore(memoryStorage(), [...device.group.keys]);
    for (const bytes of events.toReversed()) {
      const event = decodeEvent(bytes);
      if (event.ok) store.log.append(event.value, world.now());
    }
    // A shredded descriptor is not among them; what it left behind is that its author was seen.
    assert.equal(withoutPeers(tableRows(store.database)), withoutPeers(rows));
    store.close();
  }
});

const withoutPeers = (rows: readonly string[]): string[] => rows.filter((row) => !row.startsWith("peers"));

test.run();
