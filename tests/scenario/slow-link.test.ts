/** A link so slow that answers take seconds: waiting is no loss, and nothing is asked for twice because of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { fetchFile, share, SliceCount } from "./story.ts";

const test = suite("scenario: slow link");

for (const link of [
  { delayMs: 50, bytesPerSecond: 20_000 },
  { delayMs: 400, bytesPerSecond: 60_000, jitterMs: 200 },
]) {
  test(`what waits behind other answers is not asked again: no slice comes twice ${JSON.stringify(link)}`, async () => {
    // Goal: a slow peer is not taken for a silent one. Method: every slice on the wire is counted.
    const { world, ana, ben } = await pair({ seed: 3, link });
    const bytes = contentOf(700_000);
    const fileId = await share(world, ana, [ben], bytes);
    const sent = new SliceCount(world, fileId, ben);
    await fetchFile(world, [ben], fileId);
    assert.equal(ben.read(fileId), bytes);
    assert.is(sent.repeated, 0);
  });
}

test.run();
