/** Cancel: the space is given back, what comes late is refused, and requesting again starts clean (G-5). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { fetchPart, filesOf, heldPart, miB, refusalsOf, share, SliceCount } from "./story.ts";

const test = suite("scenario: cancel");

const slow = { bytesPerSecond: 1_000_000, delayMs: 40 };

test("cancelled in the middle: slices gone, late ones refused; requested again it comes from the start (G-5)", async () => {
  // Goal: a cancelled file leaves nothing behind. Method: look into the store, let the late slices come, fetch anew.
  const { world, ana, ben } = await pair({ seed: 1, link: slow });
  const bytes = contentOf(2 * miB);
  const fileId = await share(world, ana, [ben], bytes);
  const sent = new SliceCount(world, fileId, ben);
  await fetchPart(world, ben, fileId, 0.5);
  assert.is(filesOf(ben, fileId).length, 2);
  assert.ok(ben.cancel(fileId).ok);
  assert.is(heldPart(ben, fileId), 0);
  await world.run({ forMs: 1 });
  assert.equal(filesOf(ben, fileId), [], "the space is given back as soon as the cancel is durable");
  await world.run({ forMs: 60_000 });
  assert.ok(refusalsOf(ben).includes("not_wanted"), "slices that were on their way are refused");
  assert.equal(filesOf(ben, fileId), [], "and not kept");
  assert.is(ben.status(fileId), "cancelled");

  sent.clear();
  ben.request(fileId);
  assert.is(heldPart(ben, fileId), 0, "it starts clean");
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
  assert.is(sent.total, ben.progress(fileId)?.sliceCount, "every slice comes again, once");
});

test("cancelled with the slices kept: requested again it goes on from there", async () => {
  // Goal: keepSlices is a bookmark. Method: count what is sent after the second request.
  const { world, ana, ben } = await pair({ seed: 2, link: slow });
  const bytes = contentOf(2 * miB);
  const fileId = await share(world, ana, [ben], bytes);
  await fetchPart(world, ben, fileId, 0.5);
  assert.ok(ben.cancel(fileId, { keepSlices: true }).ok);
  assert.is(filesOf(ben, fileId).length, 2);
  await world.run({ forMs: 60_000 });
  const sent = new SliceCount(world, fileId, ben);
  ben.request(fileId);
  assert.ok(heldPart(ben, fileId) >= 0.5);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
  assert.ok(sent.total <= 0.5 * (ben.progress(fileId)?.sliceCount ?? 0));
});

test("cancelled while it is paused, cancelled twice, cancelled when complete: as the table says", async () => {
  // Goal: the table holds where it matters. Method: each call by the state it meets.
  const { world, ana, ben } = await pair({ seed: 3 });
  const fileId = await share(world, ana, [ben], contentOf(200_000));
  const codeOf = (result: ReturnType<typeof ben.cancel>): string => (result.ok ? "ok" : result.error.code);
  assert.is(codeOf(ben.cancel(fileId)), "want_unknown");
  ben.request(fileId);
  ben.pause(fileId);
  assert.is(codeOf(ben.cancel(fileId)), "ok");
  const { size } = ben.log;
  assert.is(codeOf(ben.cancel(fileId)), "ok");
  assert.is(ben.log.size, size);
  assert.is(codeOf(ben.pause(fileId)), "want_cancelled");
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.is(codeOf(ben.cancel(fileId)), "want_complete");
  assert.equal(ben.read(fileId), contentOf(200_000));
});

test("killed between the record of a cancel and the removal of its slices: they are gone after the restart (G-5)", async () => {
  // Goal: a crash does not keep what the user threw away. Method: the slice files are put back as they were before.
  const { world, ana, ben } = await pair({ seed: 4, link: slow });
  const fileId = await share(world, ana, [ben], contentOf(miB));
  await fetchPart(world, ben, fileId, 0.5);
  ben.cancel(fileId);
  await world.run({ forMs: 1000 });
  for (const name of [`slices/${fileId}`, `leaves/${fileId}`]) {
    const file = ben.storage.open(name, { create: true });
    file?.writeAt(contentOf(5000), 0);
    file?.close();
  }
  world.crash(ben, "kill");
  await world.restart(ben);
  await world.run({ forMs: 1 });
  assert.equal(filesOf(ben, fileId), []);
  assert.is(ben.status(fileId), "cancelled");
});

test("expired: a want that was not fulfilled in its time gives up, and can be requested again", async () => {
  // Goal: a time to live ends. Method: nobody has the file; the clock goes past it.
  const { world, ana, ben } = await pair({ seed: 5 });
  const fileId = await share(world, ana, [ben], contentOf(100_000));
  world.disconnect(ana, ben);
  ben.request(fileId, { ttlMs: 60_000 });
  await world.run({ forMs: 59_999 });
  assert.is(ben.status(fileId), "active");
  await world.run({ forMs: 2 });
  assert.is(ben.status(fileId), "expired");
  world.connect(ana, ben);
  await world.run({ forMs: 20_000 });
  assert.is(ben.status(fileId), "expired");
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
});

test.run();
