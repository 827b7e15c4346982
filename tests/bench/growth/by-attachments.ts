/**
 * Against the attachments in a store. One store is filled further and further, through the public API; at each step it
 * is closed and opened with its tables cached and without, and a new peer fetches its log.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { megabytes, withChildren } from "../scenarios/scenario.ts";
import type { GrowerCalls, OpenPeer } from "./child.ts";
import { attachAtOnce, fillBatch, idleSeconds, lists, quickIdleSeconds, singles, smallFileBytes } from "./limits.ts";
import { milliseconds, type Measurement } from "./measurement.ts";
import { createMembers } from "./members.ts";
import { stepFolder } from "./profiles.ts";
import type { Step } from "./steps.ts";

interface Scene {
  readonly author: OpenPeer;
  readonly receiver: OpenPeer;
}

export async function measureByAttachments(measurement: Measurement): Promise<void> {
  const { run, steps, tell } = measurement;
  const [author, receiver] = await createMembers(run, ["author", "receiver"] as const);
  let held = 0;
  for (const step of steps) {
    tell(`attachments: ${step.n}`);
    const profiled = stepFolder(measurement, "attachments", step.n);
    await grow(profiled, author, held, step);
    held = step.n;
    await openCached(profiled, author, step);
    await syncToNewPeer(profiled, { author, receiver }, step);
    await openFromLog(profiled, author, step);
  }
}

/** Fills the store, without waiting for the disk; the last ones are attached one by one, as an app does. */
async function grow({ run, samples }: Measurement, author: OpenPeer, held: number, { n }: Step): Promise<void> {
  const last = Math.min(singles, n - held - 1);
  await withChildren({ ...run, profileFolder: undefined }, async (start) => {
    const child = start<GrowerCalls>("grower");
    await child.call("open", { ...author, isFlushless: true });
    for (let left = n - held - last; left > 0; left -= fillBatch) {
      const count = Math.min(left, fillBatch);
      await child.call("fill", { count, fileBytes: smallFileBytes, atOnce: attachAtOnce });
    }
    await child.call("close", undefined);
  });
  await withChildren(run, async (start) => {
    const child = start<GrowerCalls>("grower");
    await child.call("open", author);
    const each = await child.call("fill", { count: last, fileBytes: smallFileBytes, atOnce: 1 });
    samples.add("grow-attach-more", n, ...each.map(milliseconds));
    samples.add("grow-list", n, ...(await child.call("list", lists)));
    const { seconds } = await child.call("close", undefined);
    samples.add("grow-close", n, seconds);
  });
}

async function openCached({ run, samples }: Measurement, author: OpenPeer, { n, runs }: Step): Promise<void> {
  for (let i = 0; i < runs; i++) {
    await withChildren(run, async (start) => {
      const child = start<GrowerCalls>("grower");
      const { seconds, cpuSeconds, rssBytes } = await child.call("open", { ...author, profileName: "open-cached" });
      samples.add("grow-open", n, seconds);
      samples.add("grow-open-cpu", n, cpuSeconds);
      samples.add("grow-open-memory", n, megabytes(rssBytes));
      await child.call("close", undefined);
    });
  }
}

async function syncToNewPeer(measurement: Measurement, { author, receiver }: Scene, { n }: Step): Promise<void> {
  const { run, samples, isQuick } = measurement;
  rmSync(receiver.storePath, { recursive: true, force: true });
  await withChildren(run, async (start) => {
    const from = start<GrowerCalls>("grower");
    const to = start<GrowerCalls>("grower");
    const { url } = await from.call("open", { ...author, isServing: true });
    await from.call("startSpan", "logsync-sender");
    await to.call("open", { ...receiver, url });
    const synced = await to.call("awaitLog", n);
    const sent = await from.call("stopSpan", undefined);
    samples.add("grow-logsync", n, synced.seconds);
    samples.add("grow-logsync-cpu-receiver", n, synced.cpuSeconds);
    samples.add("grow-logsync-cpu-sender", n, sent.cpuSeconds);
    samples.add("grow-logsync-memory", n, megabytes(synced.peakBytes));

    const seconds = isQuick ? quickIdleSeconds : idleSeconds;
    const idle = await Promise.all([from.call("idle", seconds), to.call("idle", seconds)]);
    samples.add("grow-idle", n, milliseconds(Math.max(...idle)));

    await from.call("close", undefined);
    const each = await to.call("requestEach", Math.min(singles, n));
    samples.add("grow-request-more", n, ...each.map(milliseconds));
    await to.call("close", undefined);
  });
}

async function openFromLog({ run, samples }: Measurement, author: OpenPeer, { n, runs }: Step): Promise<void> {
  for (let i = 0; i < runs; i++) {
    rmSync(join(author.storePath, "projections.cache"), { force: true });
    await withChildren(run, async (start) => {
      const child = start<GrowerCalls>("grower");
      const { seconds, cpuSeconds, peakBytes } = await child.call("open", { ...author, profileName: "open-from-log" });
      samples.add("grow-replay", n, seconds);
      samples.add("grow-replay-cpu", n, cpuSeconds);
      samples.add("grow-replay-memory", n, megabytes(peakBytes));
      await child.call("close", undefined);
    });
  }
}
