/** The group lives on while files are under way: deletions, late descriptors, new keys, members who leave. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentOf } from "../file/content.ts";
import { meeting, pair, type Device } from "../support/world.ts";
import { fetchFile, fetchPart, filesOf, heldPart, miB, share, SliceCount } from "./story.ts";

const test = suite("scenario: changes");

const slow = { bytesPerSecond: 1_000_000, delayMs: 20 };

test("deleted by its author while it downloads: slices gone, want failed, late slices refused, key shredded (G-5)", async () => {
  // Goal: what its author takes back nobody keeps. Method: delete at a third of two downloads; look at every store.
  const { world, devices } = await meeting({ seed: 1, link: slow }, ["ana", "ben", "cleo"]);
  const [ana, ben, cleo] = devices as [Device, Device, Device];
  const fileId = await share(world, ana, [ben, cleo], contentOf(2 * miB));
  cleo.request(fileId);
  await fetchPart(world, ben, fileId, 0.3);
  assert.ok(ana.delete(fileId).ok);
  await world.run({ forMs: 30_000 });
  for (const device of [ana, ben, cleo]) {
    assert.equal(filesOf(device, fileId), [], device.name);
    assert.is(device.status(fileId), "failed");
    assert.is(device.progress(fileId)?.failure, "file_deleted");
    assert.is(device.log.queries.descriptor(fileId), undefined);
    const again = device.request(fileId);
    assert.is(again.ok ? "ok" : again.error.code, "file_deleted");
  }
  const code = ben.delete(fileId);
  assert.ok(code.ok, "deleting what is deleted is the same as once");
});

test("deleted while a device was away: it learns of it when it is back, and drops what it had", async () => {
  // Goal: a deletion reaches everyone. Method: the holder is offline when it happens, and its author is when it returns.
  const { world, devices } = await meeting({ seed: 2 }, ["ana", "ben", "cleo"]);
  const [ana, ben, cleo] = devices as [Device, Device, Device];
  const fileId = await share(world, ana, [ben, cleo], contentOf(50_000));
  await fetchFile(world, [cleo], fileId);
  await world.close(cleo);
  ana.delete(fileId);
  await world.run({ forMs: 1000 });
  await world.close(ana);
  await world.restart(cleo);
  await world.run({ forMs: 40_000 });
  assert.is(cleo.status(fileId), "failed");
  assert.equal(filesOf(cleo, fileId), []);
  const notAuthor = cleo.delete(await share(world, ben, [cleo], contentOf(10)));
  assert.is(notAuthor.ok ? "ok" : notAuthor.error.code, "not_author");
});

test("a descriptor that comes after its slices were asked for: fetched by id alone, readable when it comes", async () => {
  // Goal: an id is enough to fetch and to prove. Method: every event is held back until the file is complete.
  const { world, ana, ben } = await pair({ seed: 3 });
  const bytes = contentOf(300_000);
  const release = world.tap(({ name }) => (name === "events" ? "drop" : undefined));
  const fileId = await world.attach(ana, bytes, { name: "late.bin" });
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.is(ben.progress(fileId)?.name, undefined);
  assert.throws(() => ben.read(fileId), /key_missing/);
  release();
  await world.run({ until: () => ben.progress(fileId)?.name === "late.bin" });
  assert.equal(ben.read(fileId), bytes);
});

test("a descriptor that comes in the middle, over a bad link: what was provisional is kept where its tags match (G-2)", async () => {
  // Goal: slices without a key are provisional, not lost. Method: loss, so that windows stay partial; then the key.
  const { world, ana, ben } = await pair({ seed: 4, link: { ...slow, loss: 0.2 } });
  const bytes = contentOf(miB);
  const release = world.tap(({ name }) => (name === "events" ? "drop" : undefined));
  const fileId = await world.attach(ana, bytes);
  await fetchPart(world, ben, fileId, 0.3);
  const held = heldPart(ben, fileId);
  release();
  await world.run({ until: () => ben.progress(fileId)?.name !== undefined });
  assert.ok(heldPart(ben, fileId) >= held);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("a group key rotated between attach and fetch: old and new attachments are both read", async () => {
  // Goal: rotation loses nothing. Method: attach, rotate on both, attach again; a device that learns the key late waits.
  const { world, ana, ben } = await pair({ seed: 5 });
  const before = await share(world, ana, [ben], contentOf(60_000, 1));
  world.rotateGroupKey();
  const after = await share(world, ana, [ben], contentOf(60_000, 2));
  for (const fileId of [before, after]) await fetchFile(world, [ben], fileId);
  world.rotateGroupKey([ana]);
  const early = await world.attach(ana, contentOf(60_000, 3), { name: "early" });
  await world.run({ forMs: 20_000 });
  assert.is(ben.progress(early)?.name, undefined, "the key is not there yet");
  assert.is(ben.log.queries.unreadable().length, 1);
  world.setGroup(ana.group);
  assert.is(ben.progress(early)?.name, "early");
  await fetchFile(world, [ben], early);
  assert.equal(ben.read(before), contentOf(60_000, 1));
  assert.equal(ben.read(after), contentOf(60_000, 2));
  assert.equal(ben.read(early), contentOf(60_000, 3));
});

test("a member removed in the middle of a transfer gets nothing from that moment on (G-7)", async () => {
  // Goal: who is out is out. Method: remove at a third; every byte towards the former member is counted from then on.
  const { world, devices } = await meeting({ seed: 6, link: slow }, ["ana", "ben", "cleo"]);
  const [ana, ben, cleo] = devices as [Device, Device, Device];
  const fileId = await share(world, ana, [ben, cleo], contentOf(2 * miB));
  await fetchPart(world, ben, fileId, 0.3);
  const members = new Set([ana.peerId, cleo.peerId]);
  const group = { ...world.group, members, keys: [world.random.bytes(32), ...world.group.keys] };
  world.setGroup(group, [ana, cleo]);
  const sent = new SliceCount(world, fileId, ben);
  const bytesBefore = world.traffic(ana, ben).bytes + world.traffic(cleo, ben).bytes;
  for (const other of [ana, cleo]) world.connect(other, ben);
  const secret = await share(world, ana, [cleo], contentOf(5000));
  await world.run({ forMs: 120_000 });
  assert.is(world.traffic(ana, ben).bytes + world.traffic(cleo, ben).bytes, bytesBefore, "not a byte");
  assert.is(sent.total, 0);
  assert.is(ben.progress(secret), undefined);
  assert.is(ben.status(fileId), "active", "it waits");
  await fetchFile(world, [cleo], fileId);
});

test("a stranger gets nothing, not even whether a file exists (G-7)", async () => {
  // Goal: no answer to who is no member. Method: a device that is no member tries to connect and asks all the same.
  const { world, ana } = await pair({ seed: 7 });
  const fileId = await world.attach(ana, contentOf(1000));
  const eve = await world.addDevice("eve", { isMember: false });
  eve.setGroup({ ...world.group, members: new Set([ana.peerId, eve.peerId]) });
  world.connect(eve, ana);
  eve.request(fileId);
  await world.run({ forMs: 120_000 });
  assert.is(world.traffic(ana, eve).messages, 0);
  ana.receive(eve.peerId, Uint8Array.of(0x10));
  await world.run({ forMs: 1000 });
  assert.is(world.traffic(ana, eve).messages, 0);
});

test("an attachment whose time to live is over is gone on every device, and fetched by nobody", async () => {
  // Goal: the author's time to live holds. Method: it ends while one device has the file and another half of it.
  const { world, devices } = await meeting({ seed: 8, link: slow }, ["ana", "ben", "cleo"]);
  const [ana, ben, cleo] = devices as [Device, Device, Device];
  const fileId = await share(world, ana, [ben, cleo], contentOf(miB), { ttlMs: 60_000 });
  await fetchFile(world, [ben], fileId);
  await fetchPart(world, cleo, fileId, 0.4);
  cleo.pause(fileId);
  await world.run({ forMs: 61_000 });
  for (const device of devices) {
    assert.equal(filesOf(device, fileId), [], device.name);
    assert.is(device.status(fileId), "failed");
  }
});

test.run();
