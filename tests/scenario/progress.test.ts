/** What the user sees while a file comes: it never goes back, it is right, and at the end the bytes are. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesEqual } from "../../core/base/bytes.ts";
import type { Progress } from "../../core/sync/progress.ts";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { miB, share } from "./story.ts";

const test = suite("scenario: progress");

interface Seen extends Progress {
  readonly atMs: number;
}

async function watchedFetch(fileBytes: number, bytesPerSecond: number) {
  const link = { delayMs: 10, bytesPerSecond };
  const { world, ana, ben } = await pair({ seed: 1, link, device: { storage: "memory" } });
  const bytes = contentOf(fileBytes);
  const fileId = await share(world, ana, [ben], bytes);
  const seen: Seen[] = [];
  ben.onEvent = (event) => {
    const progress = event.kind === "progressed" ? ben.progress(fileId) : undefined;
    if (progress?.status === "active") seen.push({ ...progress, atMs: world.now() });
  };
  const startMs = world.now();
  const sentBefore = world.traffic(ana, ben).bytes + world.traffic(ben, ana).bytes;
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  const onWire = world.traffic(ana, ben).bytes + world.traffic(ben, ana).bytes - sentBefore;
  assert.ok(bytesEqual(ben.read(fileId), bytes), "byte-identical");
  return { seen, startMs, endMs: world.now(), onWire };
}

for (const [name, fileBytes, bytesPerSecond] of [
  ["5 MiB", 5 * miB, 400_000],
  ["50 MiB", 50 * miB, 5_000_000],
] as const) {
  test(`${name}: percent never falls, bytes are the slices held, speed and time left are right (G-1, G-2)`, async () => {
    // Goal: progress can be believed. Method: every snapshot of a fetch over a link of known speed is checked.
    const { seen, startMs, endMs, onWire } = await watchedFetch(fileBytes, bytesPerSecond);
    assert.ok(seen.length > 50, `${seen.length} snapshots`);
    let before: Seen | undefined;
    for (const now of seen) {
      assert.ok(now.percent >= (before?.percent ?? 0), "percent never falls");
      assert.ok(now.slicesReceived >= (before?.slicesReceived ?? 0));
      assert.ok(now.percent <= 99, "100 is for what is verified");
      assert.is(
        now.bytesReceived,
        Math.min(fileBytes, now.slicesReceived * 450 - (now.bytesReceived % 450 === 0 ? 0 : padding(fileBytes))),
      );
      assert.is(now.percent, Math.min(99, Math.floor((100 * now.slicesReceived) / (now.sliceCount ?? 1))));
      before = now;
    }
    const payloadRate = bytesPerSecond * (450 / 466);
    for (const now of seen.filter(({ atMs }) => atMs - startMs > 4000 && endMs - atMs > 1000)) {
      within(now.bytesPerSecond, payloadRate, 0.15, "speed");
      within(now.etaMs, endMs - now.atMs, 0.25, "time left");
    }
    assert.ok(onWire <= 1.06 * fileBytes, `${onWire / fileBytes} bytes on the wire for one of the file`);
  });
}

const padding = (fileBytes: number): number => (450 - (fileBytes % 450)) % 450;

function within(actual: number | undefined, expected: number, part: number, what: string): void {
  const isWithin = actual !== undefined && Math.abs(actual - expected) <= part * expected;
  assert.ok(isWithin, `${what}: ${actual}, expected about ${expected}`);
}

test.run();
