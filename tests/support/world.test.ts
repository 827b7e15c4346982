/** The world itself: that the story in its header comes true, and that the same seed gives the same run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import { pair } from "./world.ts";

const test = suite("support: world");

const story = async (seed: number): Promise<string> => {
  const { world, ana, ben } = await pair({
    seed,
    link: { loss: 0.1, jitterMs: 30, duplication: 0.1 },
    device: { flushMs: [0, 9] },
  });
  const photo = seededRandom(seed).bytes(200_000);
  let passed = "";
  world.tap(({ from, name, bytes }) => {
    passed += `${world.now()} ${from.name} ${name} ${bytes.length}\n`;
  });
  const fileId = await world.attach(ana, photo);
  await world.run({ until: () => ben.progress(fileId) !== undefined });
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), photo);
  return passed;
};

test("a photo is attached, requested over a bad link and read; the same seed gives the same run", async () => {
  const first = await story(1);
  assert.is(await story(1), first);
  assert.is.not(await story(2), first);
});

test("a device that loses its power comes back with what was acknowledged", async () => {
  const { world, ana, ben } = await pair({ seed: 3, device: { flushMs: [1, 5] } });
  const photo = seededRandom(3).bytes(100_000);
  const fileId = await world.attach(ana, photo);
  world.crash(ana, "power_loss");
  await world.restart(ana);
  assert.equal(ana.lostEvents(), []);
  assert.equal(ana.read(fileId), photo);
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), photo);
});

test.run();
