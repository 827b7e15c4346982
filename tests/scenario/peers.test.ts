/** Several holders, parts of files, liars and bad links: what can be completed is completed (G-6). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId } from "../../core/base/ids.ts";
import { fileShape } from "../../core/base/sizes.ts";
import { sealSlices } from "../../core/crypto/index.ts";
import { encodeMessage } from "../../core/sync/messages.ts";
import { contentOf } from "../file/content.ts";
import { meeting, pair, type Device } from "../support/world.ts";
import { fetchFile, heldPart, refusalsOf, share, SliceCount } from "./story.ts";

const test = suite("scenario: peers");

const bytes = contentOf(500_000);

test("no holder has it whole, together they have: everybody completes (G-6)", async () => {
  // Goal: parts make a whole. Method: the author goes away when two others hold disjoint parts; a third joins them.
  const { world, devices } = await meeting({ seed: 1 }, ["ana", "ben", "cleo", "dora"]);
  const [ana, ben, cleo, dora] = devices as [Device, Device, Device, Device];
  for (const [a, b] of [
    [ben, cleo],
    [ben, dora],
    [cleo, dora],
  ] as const)
    world.disconnect(a, b);
  const fileId = await share(world, ana, [ben, cleo, dora], bytes);
  const shape = fileShape(ben.progress(fileId)?.sliceCount ?? 0);
  const middle = Math.floor(shape.windowsInUse / 2);
  const allow = world.tap((passing) => {
    const message = passing.message();
    if (message?.name !== "sync_file") return undefined;
    const { window, round } = message;
    if (window < middle === (passing.from === ben)) return undefined;
    // To them the author seems to hold the one half only.
    const reply = encodeMessage("sync_file_reply", { fileId, window, round, held: 0, sent: 0 });
    world.later(10, () => passing.from.receive(ana.peerId, reply));
    return "drop";
  });
  ben.request(fileId);
  cleo.request(fileId);
  await world.run({ until: () => heldPart(ben, fileId) > 0.48 && heldPart(cleo, fileId) > 0.48 });
  await world.run({ forMs: 2000 });
  world.crash(ana, "kill");
  allow();
  for (const [a, b] of [
    [ben, cleo],
    [ben, dora],
    [cleo, dora],
  ] as const)
    world.connect(a, b);
  dora.request(fileId);
  await world.run({ until: () => [ben, cleo, dora].every((device) => device.status(fileId) === "complete") });
  for (const device of [ben, cleo, dora]) assert.equal(device.read(fileId), bytes, device.name);
});

test("three holders: each gives a part, no slice comes twice (G-6)", async () => {
  // Goal: more holders are more speed. Method: a fetch from three at once over equal links; who sent what is counted.
  const { world, devices } = await meeting({ seed: 2, link: { bytesPerSecond: 300_000, delayMs: 20 } }, [
    "ana",
    "ben",
    "cleo",
    "dora",
  ]);
  const [ana, ben, cleo, dora] = devices as [Device, Device, Device, Device];
  const fileId = await share(world, ana, [ben, cleo, dora], bytes);
  await fetchFile(world, [ben, cleo], fileId);
  const before = [ana, ben, cleo].map((device) => world.traffic(device, dora).bytesOf("slices"));
  const sent = new SliceCount(world, fileId, dora);
  await fetchFile(world, [dora], fileId);
  assert.equal(dora.read(fileId), bytes);
  assert.is(sent.repeated, 0);
  [ana, ben, cleo].forEach((device, i) => {
    const gave = world.traffic(device, dora).bytesOf("slices") - (before[i] ?? 0);
    assert.ok(gave > 0.15 * bytes.length, `${device.name} gave ${gave} bytes`);
  });
});

test("five liars and one honest holder: completed, each liar named (G-2, G-6)", async () => {
  // Goal: lies cost time, not the file. Method: five of six holders send slices of their own making.
  const names = ["ana", "l1", "l2", "l3", "l4", "l5", "ben"];
  const { world, devices } = await meeting({ seed: 3 }, names);
  const [ana, ben] = [devices[0], devices[6]] as [Device, Device];
  const liars = devices.slice(1, 6);
  const fileId = await share(world, ana, devices.slice(1), bytes);
  await fetchFile(world, liars, fileId);
  const row = ana.log.queries.descriptor(fileId);
  world.tap((passing) => {
    const message = liars.includes(passing.from) ? passing.message() : undefined;
    if (message?.name !== "slices" || row === undefined) return undefined;
    const altered = passing.bytes.slice();
    const [run] = message.runs;
    const sealed = new Uint8Array(466);
    const { fileKey, noncePrefix } = row;
    sealSlices({ plain: new Uint8Array(450).fill(1), fileKey, noncePrefix, firstSlice: run?.start ?? 0, sealed });
    altered.set(sealed, altered.length - message.sealed.length);
    return { bytes: altered };
  });
  await fetchFile(world, [ben], fileId);
  assert.equal(ben.read(fileId), bytes);
  assert.ok(refusalsOf(ben).includes("leaf_mismatch"));
});

for (const link of [
  { loss: 0.3, delayMs: 30 },
  { loss: 0.6, delayMs: 10, jitterMs: 40 },
  { reordering: 0.5, reorderMs: 400, duplication: 0.3, jitterMs: 100 },
  { loss: 0.15, duplication: 0.5, reordering: 0.2, delayMs: 150, jitterMs: 80 },
]) {
  test(`a link with ${JSON.stringify(link)}: announced, fetched, byte-identical (G-1, G-6)`, async () => {
    // Goal: any loss below all of it is only slow. Method: the usual story over a bad link.
    const { world, ana, ben } = await pair({ seed: 4, link });
    const fileId = await share(world, ana, [ben], contentOf(200_000));
    ben.request(fileId);
    await world.run({ until: () => ben.status(fileId) === "complete", forMs: 3_600_000 });
    assert.equal(ben.read(fileId), contentOf(200_000));
  });
}

test("cut off in the middle and healed an hour later: it goes on by itself (G-6)", async () => {
  // Goal: nobody has to press anything. Method: a partition that nobody is told of, then one that closes connections.
  const { world, ana, ben } = await pair({ seed: 5, link: { bytesPerSecond: 200_000 } });
  const fileId = await share(world, ana, [ben], bytes);
  ben.request(fileId);
  await world.run({ forMs: 700 });
  world.partition(ana, ben);
  await world.run({ forMs: 3_600_000 });
  world.heal(ana, ben);
  await world.run({ forMs: 500 });
  world.disconnect(ana, ben);
  await world.run({ forMs: 3_600_000 });
  assert.is(ben.status(fileId), "active");
  world.connect(ana, ben);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("wants go by priority; equal ones take turns, window by window", async () => {
  // Goal: what the user needs first comes first, and nothing starves. Method: four wants over a slow link.
  const { world, ana, ben } = await pair({ seed: 6, link: { bytesPerSecond: 400_000 } });
  const ids: FileId[] = [];
  for (let n = 0; n < 4; n++) ids.push(await share(world, ana, [ben], contentOf(400_000, n)));
  const [low, first, equalOne, equalTwo] = ids as [FileId, FileId, FileId, FileId];
  ben.request(low, { priority: 1 });
  ben.request(equalOne, { priority: 5 });
  ben.request(equalTwo, { priority: 5 });
  ben.request(first, { priority: 10 });
  await world.run({ until: () => ben.status(first) === "complete" });
  assert.ok(heldPart(ben, low) < 0.5, "what was in flight before, and no more");
  let widest = 0;
  await world.run({
    until: () => {
      widest = Math.max(widest, Math.abs(heldPart(ben, equalOne) - heldPart(ben, equalTwo)));
      return heldPart(ben, equalOne) > 0.8;
    },
  });
  assert.ok(widest < 0.35, `the equal ones were ${widest} apart at most`);
  assert.ok(heldPart(ben, low) < 0.6);
  ben.request(low, { priority: 10 });
  await world.run({ until: () => ids.every((fileId) => ben.status(fileId) === "complete") });
});

test("every want is found as it was after a restart: active goes on, the others stay", async () => {
  // Goal: the store remembers the user's will. Method: one file in each state, a kill, a look.
  const { world, ana, ben } = await pair({ seed: 7, link: { bytesPerSecond: 100_000 } });
  const ids: FileId[] = [];
  for (let n = 0; n < 5; n++) ids.push(await share(world, ana, [ben], contentOf(n === 0 ? 900 : 300_000, n)));
  const [complete, , paused, cancelled, last] = ids as [FileId, FileId, FileId, FileId, FileId];
  await fetchFile(world, [ben], complete);
  for (const fileId of ids.slice(1)) ben.request(fileId, { priority: 3, ttlMs: 5_000_000 });
  ben.pause(paused);
  ben.cancel(cancelled);
  await world.run({ forMs: 500 });
  const before = ids.map((fileId) => ({ ...ben.log.queries.want(fileId) }));
  world.crash(ben, "power_loss");
  await world.restart(ben);
  assert.equal(
    ids.map((fileId) => ({ ...ben.log.queries.want(fileId) })),
    before,
  );
  assert.equal(
    ids.map((fileId) => ben.status(fileId)),
    ["complete", "active", "paused", "cancelled", "active"],
  );
  await world.run({ until: () => ben.status(last) === "complete" });
});

test.run();
