/** What a user reads after `resume` is the speed since then: neither the pause nor what came late weighs on it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { fetchPart, miB, share } from "./story.ts";

const test = suite("scenario: speed after a pause");

test("paused for two seconds at half: a second after resume the speed is the link's again", async () => {
  // Goal: time left can be believed. Method: a link of known pace; late slices arrive after the pause (the demo found it).
  const bytesPerSecond = 500_000;
  const { world, ana, ben } = await pair({ seed: 7, link: { delayMs: 20, bytesPerSecond } });
  const fileId = await share(world, ana, [ben], contentOf(4 * miB));
  await fetchPart(world, ben, fileId, 0.5);
  assert.ok(ben.pause(fileId).ok);
  await world.run({ forMs: 2_000 });
  assert.ok((ben.progress(fileId)?.lateSlices ?? 0) > 0, "something was in flight");
  assert.ok(ben.resume(fileId).ok);
  await world.run({ forMs: 1_000 });
  const speed = ben.progress(fileId)?.bytesPerSecond ?? 0;
  assert.ok(speed > 0.8 * bytesPerSecond && speed < 1.25 * bytesPerSecond, `${speed} bytes a second`);
});

test.run();
