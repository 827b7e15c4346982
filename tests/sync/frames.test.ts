/** How long frames to a peer may be: as it has asked, which is as its path can take. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { frameBytesMax, frameFillBytesMin } from "../../core/limits.ts";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { miB, share } from "../scenario/story.ts";

const test = suite("sync: frames");

test("on a fast link frames to an asker grow; on a slow one they stay short", async () => {
  for (const { link, isFast } of [
    { link: { delayMs: 1 }, isFast: true },
    { link: { delayMs: 50, bytesPerSecond: 100_000 }, isFast: false },
  ]) {
    const { world, ana, ben } = await pair({ seed: 4, link });
    const fileId = await share(world, ana, [ben], contentOf(isFast ? 8 * miB : miB));
    assert.is(ana.engine.frameBytesFor(ben.peerId), frameFillBytesMin, "nothing is asked for");
    let longest = 0;
    world.tap(() => {
      longest = Math.max(longest, ana.engine.frameBytesFor(ben.peerId));
      return undefined;
    });
    assert.ok(ben.request(fileId).ok);
    await world.run({ until: () => ben.status(fileId) === "complete" });
    if (isFast) assert.ok(longest > frameFillBytesMin && longest <= frameBytesMax, `${longest} bytes`);
    else assert.is(longest, frameFillBytesMin);
  }
});

test.run();
