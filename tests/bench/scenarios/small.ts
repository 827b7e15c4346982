/** Many small files between two processes: attached one after the other, a few at a time; then all are wanted at once. */
import { join } from "node:path";
import type { MemberCalls } from "../children/member.ts";
import { attachedAtOnce } from "../limits.ts";
import { makeSmallFiles, smallSizes, type SmallFile } from "../small-mix.ts";
import { identityOf, madeOnce, makeGroup } from "./group.ts";
import { diskBytesOf, megabytes, withChildren, type FixedRun, type FixedScenario, type Values } from "./scenario.ts";

export const small =
  (count: number, bytesInAll: number): FixedScenario =>
  async (run) => {
    const sources = await madeOnce(run.sharedFolder, "small", async () =>
      makeSmallFiles(join(run.sharedFolder, "small"), smallSizes(count, bytesInAll)),
    );
    return transferAll(run, sources, bytesInAll);
  };

function transferAll(run: FixedRun, sources: readonly SmallFile[], bytesInAll: number): Promise<Values> {
  const count = sources.length;
  return withChildren(run, async (start) => {
    const group = makeGroup(2);
    const [sender, receiver] = [start<MemberCalls>("member"), start<MemberCalls>("member")];
    const common = (index: number) => ({
      ...group.setup,
      identity: identityOf(group, index),
      storePath: join(run.folder, `member-${index}`),
    });
    await sender.call("open", { ...common(0), connection: "listens" });
    const attached = await sender.call("attach", { sources, atOnce: attachedAtOnce });
    const url = await sender.call("address", undefined);
    const syncStartedAtMs = performance.now();
    await receiver.call("open", { ...common(1), connection: { url } });
    await receiver.call("awaitAttachments", count);
    const syncSeconds = (performance.now() - syncStartedAtMs) / 1000;

    await sender.call("startMeasuring", "serve");
    const fetched = await receiver.call("fetch", attached.fileIds);
    const served = await sender.call("stopMeasuring", undefined);

    const [wireBytes = 0] = await sender.call("wireBytes", undefined);
    const digests = await receiver.call("digests", attached.fileIds);
    if (digests.some((digest, i) => digest !== sources[i]?.digest))
      throw new Error("a small file is not what was sent");
    await receiver.call("close", undefined);
    return {
      small: count / fetched.seconds,
      "small-attach": count / attached.seconds,
      "small-in-all": count / (attached.seconds + syncSeconds + fetched.seconds),
      "small-sync": syncSeconds,
      "small-attach-cpu": attached.cpuSeconds,
      "small-cpu-sender": served.cpuSeconds,
      "small-cpu-receiver": fetched.cpuSeconds,
      "small-memory-sender": megabytes(served.rssBytes),
      "small-memory-receiver": megabytes(fetched.rssBytes),
      "small-wire": wireBytes / bytesInAll,
      "small-disk": diskBytesOf(join(run.folder, "member-1")) / bytesInAll,
    };
  });
}
