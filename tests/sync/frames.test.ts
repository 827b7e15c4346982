/** How long frames to a peer may be: by what it has asked for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId, PeerId } from "../../core/base/ids.ts";
import { frameBytesMax, frameFillBytesMin, frameFillParts } from "../../core/limits.ts";
import { Peer } from "../../core/sync/peer.ts";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { miB, share } from "../scenario/story.ts";

const test = suite("sync: frames");

const asked = {
  ...{ fileId: "0".repeat(32) as FileId, window: 0, windows: 1, round: 0, limit: 60, filter: new Uint8Array(0) },
  ...{ next: 0, progress: undefined, held: 0, sent: 0 },
};

test("what a peer has asked for is added up, as far as it matters", () => {
  const peer = new Peer("1".repeat(64) as PeerId);
  assert.is(peer.askedBytes, 0);
  peer.answers.push({ kind: "leaves", fileId: asked.fileId, first: 0 });
  for (let i = 0; i < 3; i++) peer.answers.push({ kind: "windows", ...asked, bytes: 1000 });
  assert.is(peer.askedBytes, 3000);
  for (let i = 0; i < 2000; i++) peer.answers.push({ kind: "windows", ...asked, bytes: 100_000 });
  assert.ok(peer.askedBytes >= frameFillParts * frameBytesMax && peer.askedBytes < 2 * frameFillParts * frameBytesMax);
});

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
