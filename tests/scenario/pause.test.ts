/** Pause and resume: what the user stopped stays stopped, and goes on from where it was (G-4). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId } from "../../core/base/ids.ts";
import { contentOf } from "../file/content.ts";
import { pair, type Device, type World } from "../support/world.ts";
import { fetchPart, heldPart, miB, share, SliceCount } from "./story.ts";

const test = suite("scenario: pause");

const hourMs = 3_600_000;

/** From now on it counts as a failure when the device asks for anything of the file. */
function forbidAsking(world: World, device: Device, fileId: FileId): () => void {
  return world.tap((passing) => {
    if (passing.from !== device) return;
    const message = passing.message();
    if (message?.name !== "sync_file" && message?.name !== "sync_file_leaves") return;
    if (message.fileId === fileId) throw new Error(`${message.name} after the pause, at ${world.now()}`);
  });
}

for (const link of [
  { delayMs: 1 },
  { delayMs: 150, bytesPerSecond: 500_000 },
  { delayMs: 20, jitterMs: 30, loss: 0.05 },
]) {
  test(`paused at half: nothing is asked for an hour, resume completes (G-4) ${JSON.stringify(link)}`, async () => {
    // Goal: pause means pause. Method: every message is watched for an hour; late slices are counted and bounded.
    const { world, ana, ben } = await pair({ seed: 1, link });
    const bytes = contentOf(2 * miB);
    const fileId = await share(world, ana, [ben], bytes);
    const sent = new SliceCount(world, fileId, ben);
    await fetchPart(world, ben, fileId, 0.5);
    const inFlight = ben.engine.loadOf(ana.peerId)?.inFlightBytes ?? 0;
    const held = ben.progress(fileId)?.slicesReceived ?? 0;
    assert.ok(ben.pause(fileId).ok);
    const allow = forbidAsking(world, ben, fileId);
    await world.run({ forMs: hourMs });
    const late = (ben.progress(fileId)?.slicesReceived ?? 0) - held;
    assert.is(ben.progress(fileId)?.lateSlices, late, "what came late is told");
    assert.ok(late * 466 <= inFlight, `${late} late slices, ${inFlight} bytes were in flight`);
    assert.is(ben.status(fileId), "paused");
    allow();
    const before = sent.total;
    const missing = (ben.progress(fileId)?.sliceCount ?? 0) - held - late;
    assert.ok(ben.resume(fileId).ok);
    await world.run({ until: () => ben.status(fileId) === "complete" });
    assert.equal(ben.read(fileId), bytes);
    if (!("loss" in link)) {
      assert.is(sent.total - before, missing, "only what was missing is sent");
      assert.is(sent.repeated, 0, "of what was held nothing is sent again");
    }
  });
}

test("paused before anything could leave: not even the first request does (G-4)", async () => {
  // Goal: a pause wins over what waits to be sent. Method: request and pause in one step, while the connection is full.
  const { world, ana, ben } = await pair({ seed: 2, link: { bytesPerSecond: 1000, queueBytesMax: 1 } });
  const fileId = await share(world, ana, [ben], contentOf(100_000));
  ben.request(fileId);
  ben.pause(fileId);
  const asked = world.traffic(ben, ana).messagesOf("sync_file");
  forbidAsking(world, ben, fileId);
  await world.run({ forMs: hourMs });
  assert.is(world.traffic(ben, ana).messagesOf("sync_file"), asked);
  assert.is(ben.status(fileId), "paused");
});

test("paused, then both devices restart: still paused, nothing is asked; resume completes (G-4)", async () => {
  // Goal: a restart does not wake what the user stopped. Method: close and kill both, in both orders.
  const { world, ana, ben } = await pair({ seed: 3, link: { bytesPerSecond: 500_000 } });
  const bytes = contentOf(miB);
  const fileId = await share(world, ana, [ben], bytes);
  const sent = new SliceCount(world, fileId, ben);
  await fetchPart(world, ben, fileId, 0.5);
  ben.pause(fileId);
  await world.run({ forMs: 5000 });
  const allow = forbidAsking(world, ben, fileId);
  for (const isOrderly of [true, false]) {
    const held = heldPart(ben, fileId);
    for (const device of [ana, ben]) {
      if (isOrderly) await world.close(device);
      else world.crash(device, "kill");
    }
    for (const device of [ben, ana]) await world.restart(device);
    await world.run({ forMs: hourMs });
    assert.is(ben.status(fileId), "paused");
    assert.is(heldPart(ben, fileId), held);
  }
  allow();
  ben.resume(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
  assert.is(sent.repeated, 0);
});

test("pausing twice is pausing once, and so is resuming; each is recorded once", async () => {
  // Goal: calling twice is the same as once. Method: the log does not grow with the second call.
  const { world, ana, ben } = await pair({ seed: 4 });
  const fileId = await share(world, ana, [ben], contentOf(500_000));
  await fetchPart(world, ben, fileId, 0.2);
  for (const call of ["pause", "resume", "pause", "resume"] as const) {
    assert.ok(ben[call](fileId).ok);
    const { size } = ben.log;
    assert.ok(ben[call](fileId).ok);
    assert.is(ben.log.size, size);
  }
  await world.run({ until: () => ben.status(fileId) === "complete" });
});

test("paused while the last slices are in flight: they are kept, and the file is complete", async () => {
  // Goal: nothing that was paid for is thrown away. Method: pause when every request is out and none answered.
  const { world, ana, ben } = await pair({ seed: 5, link: { delayMs: 200 } });
  const bytes = contentOf(40_000);
  const fileId = await share(world, ana, [ben], bytes);
  ben.request(fileId);
  await world.run({ forMs: 250 });
  ben.pause(fileId);
  await world.run({ forMs: 10_000 });
  assert.is(ben.status(fileId), "complete");
  assert.equal(ben.read(fileId), bytes);
});

test.run();
