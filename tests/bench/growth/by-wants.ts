/**
 * Against wants that are active at once, of small files. While they wait, a peer is connected that knows of the files
 * and holds none: it is asked again and again. Then a fresh receiver wants them of the author.
 */
import { rmSync } from "node:fs";
import { percentile } from "../statistics.ts";
import { megabytes, withChildren } from "../scenarios/scenario.ts";
import type { ChildProcess } from "../child-process.ts";
import type { GrowerCalls, OpenPeer } from "./child.ts";
import { attachAtOnce, controls, idleWantsSeconds, smallFileBytes } from "./limits.ts";
import { milliseconds, type Measurement } from "./measurement.ts";
import { createMembers } from "./members.ts";
import { stepFolder } from "./profiles.ts";
import type { Step } from "./steps.ts";

interface Scene {
  readonly author: ChildProcess<GrowerCalls>;
  readonly authorUrl: string;
  /** Of one that knows everything and holds nothing. */
  readonly bystanderUrl: string;
  readonly receiver: OpenPeer;
  readonly fileIds: readonly string[];
}

export async function measureByWants(measurement: Measurement): Promise<void> {
  const { run, steps, tell } = measurement;
  const [author, bystander, receiver] = await createMembers(run, ["author", "bystander", "receiver"] as const);
  const count = Math.max(...steps.map(({ n }) => n));
  await withChildren({ ...run, profileFolder: undefined }, async (start) => {
    const child = start<GrowerCalls>("grower");
    const { url: authorUrl } = await child.call("open", { ...author, isServing: true, isFlushless: true });
    await child.call("fill", { count, fileBytes: smallFileBytes, atOnce: attachAtOnce });
    const fileIds = await child.call("fileIds", undefined);
    const other = start<GrowerCalls>("grower");
    const { url: bystanderUrl } = await other.call("open", { ...bystander, url: authorUrl, isServing: true });
    await other.call("awaitLog", count);
    const scene: Scene = { author: child, authorUrl, bystanderUrl, receiver, fileIds };
    for (const step of steps) {
      for (let i = 1; i <= step.runs; i++) {
        tell(`wants: ${step.n}, run ${i} of ${step.runs}`);
        const profiled = stepFolder(measurement, "wants", step.n);
        await wait(profiled, scene, step, i === 1);
        await fetch(profiled, scene, step);
      }
    }
  });
}

async function wait(measurement: Measurement, scene: Scene, { n }: Step, isFirst: boolean): Promise<void> {
  const { run, samples } = measurement;
  await withNewPeer(measurement, scene, scene.bystanderUrl, async (child) => {
    const fileIds = scene.fileIds.slice(0, n);
    samples.add("grow-wants-request", n, milliseconds(await child.call("requestAll", fileIds)) / n);
    const { callSeconds, durableSeconds } = await child.call("control", { fileIds, times: controls });
    samples.add("grow-wants-call", n, milliseconds(percentile(callSeconds, 99)));
    samples.add("grow-wants-durable", n, ...durableSeconds.map(milliseconds));
    // It takes long and scatters little.
    if (!isFirst && run.profileFolder === undefined) return;
    const idle = await child.call("idle", idleWantsSeconds);
    samples.add("grow-wants-idle", n, milliseconds(idle));
    samples.add("grow-wants-memory-waiting", n, megabytes(await child.call("rssBytes", undefined)));
  });
}

async function fetch(measurement: Measurement, scene: Scene, { n }: Step): Promise<void> {
  const { samples } = measurement;
  await withNewPeer(measurement, scene, scene.authorUrl, async (child) => {
    const fileIds = scene.fileIds.slice(0, n);
    await scene.author.call("startSpan", "serve");
    const fetched = await child.call("fetchAll", fileIds);
    const served = await scene.author.call("stopSpan", undefined);
    const [sent, arrived] = [await scene.author.call("digest", fileIds), await child.call("digest", fileIds)];
    if (sent !== arrived) throw new Error("what arrived is not what was sent");
    samples.add("grow-wants", n, milliseconds(fetched.seconds) / n);
    samples.add("grow-wants-held", n, fetched.heldMs);
    samples.add("grow-wants-cpu-receiver", n, milliseconds(fetched.cpuSeconds) / n);
    samples.add("grow-wants-cpu-sender", n, milliseconds(served.cpuSeconds) / n);
    samples.add("grow-wants-memory", n, megabytes(fetched.peakBytes));
    samples.add("grow-wants-memory-sender", n, megabytes(served.peakBytes));
  });
}

/** With an empty store, and then with all descriptors in it. */
async function withNewPeer(
  { run }: Measurement,
  { receiver, fileIds }: Scene,
  url: string,
  use: (child: ChildProcess<GrowerCalls>) => Promise<void>,
): Promise<void> {
  rmSync(receiver.storePath, { recursive: true, force: true });
  await withChildren(run, async (start) => {
    const child = start<GrowerCalls>("grower");
    await child.call("open", { ...receiver, url });
    await child.call("awaitLog", fileIds.length);
    await use(child);
    await child.call("close", undefined);
  });
}
