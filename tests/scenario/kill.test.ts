/** The receiving process dies at any moment: it goes on from what it had (G-9, G-4). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { between } from "../support/draw.ts";
import { miB, share, SliceCount } from "./story.ts";

const test = suite("scenario: kill");

const kills = 20;

for (const seed of [1, 2, 3]) {
  test(`killed 20 times over one 5 MiB transfer: at most what was in flight is sent twice (G-9), seed ${seed}`, async () => {
    // Goal: a kill costs what was in flight and nothing more. Method: kill after random numbers of slices, count all
    // slices on the wire, and compare with what was asked for and unanswered at each kill.
    const link = { bytesPerSecond: 2_000_000, delayMs: 30 };
    const { world, ana, ben } = await pair({ seed, link, device: { flushMs: [1, 20] } });
    const bytes = contentOf(5 * miB);
    const fileId = await share(world, ana, [ben], bytes);
    const sent = new SliceCount(world, fileId, ben);
    ben.request(fileId);
    let inFlightSlices = 0;
    for (let kill = 0; kill < kills; kill++) {
      const held = ben.progress(fileId)?.slicesReceived ?? 0;
      const goal = Math.min(11_600, held + between(world.random, 0, 520));
      await world.run({ until: () => (ben.progress(fileId)?.slicesReceived ?? 0) >= goal });
      await world.run({ forMs: between(world.random, 0, 30) });
      inFlightSlices += Math.ceil((ben.engine.loadOf(ana.peerId)?.inFlightBytes ?? 0) / 466);
      const before = ben.progress(fileId)?.slicesReceived ?? 0;
      world.crash(ben, "kill");
      await world.restart(ben);
      assert.ok((ben.progress(fileId)?.slicesReceived ?? 0) >= before, "what it had it still has");
    }
    await world.run({ until: () => ben.status(fileId) === "complete" });
    assert.equal(ben.read(fileId), bytes);
    const twice = sent.total - (ben.progress(fileId)?.sliceCount ?? 0);
    assert.ok(twice <= inFlightSlices, `${twice} slices came twice, ${inFlightSlices} were in flight`);
    assert.equal(ben.lostEvents(), []);
  });
}

test("losing power 20 times over one 2 MiB transfer: it completes, nothing acknowledged is lost (G-9)", async () => {
  // Goal: what was flushed is enough to go on from. Method: every crash loses whatever was not flushed, in any part.
  const link = { bytesPerSecond: 2_000_000, delayMs: 30 };
  const { world, ana, ben } = await pair({ seed: 5, link, device: { flushMs: [1, 40] } });
  const bytes = contentOf(2 * miB);
  const fileId = await share(world, ana, [ben], bytes);
  ben.request(fileId);
  await world.run({ forMs: 100 });
  for (let kill = 0; kill < kills; kill++) {
    await world.run({ forMs: between(world.random, 1, 400) });
    world.crash(ben, "power_loss");
    await world.restart(ben);
    assert.equal(ben.lostEvents(), []);
    assert.is.not(ben.status(fileId), "none", "the want was acknowledged");
  }
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("the sending process is killed 10 times: the receiver completes all the same (G-6)", async () => {
  // Goal: the other end is as mortal. Method: kill the only holder at random moments.
  const { world, ana, ben } = await pair({ seed: 6, link: { bytesPerSecond: 2_000_000, delayMs: 30 } });
  const bytes = contentOf(2 * miB);
  const fileId = await share(world, ana, [ben], bytes);
  ben.request(fileId);
  for (let kill = 0; kill < 10; kill++) {
    await world.run({ forMs: between(world.random, 1, 200) });
    world.crash(ana, kill % 2 === 0 ? "kill" : "power_loss");
    await world.run({ forMs: between(world.random, 0, 3000) });
    await world.restart(ana);
  }
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test.run();
