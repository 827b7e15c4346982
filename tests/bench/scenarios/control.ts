/**
 * An app that is busy: a thousand wants of files that nobody who is connected holds (so all stay), a large file on its
 * way, and somebody who keeps pausing, resuming, cancelling and looking.
 */
import { join } from "node:path";
import type { ControlAct } from "../children/control.ts";
import type { MemberCalls } from "../children/member.ts";
import { makeSource } from "../source-file.ts";
import { percentile } from "../statistics.ts";
import { identityOf, madeOnce } from "./group.ts";
import { assertSame, withChildren, type FixedRun, type FixedScenario, type Values } from "./scenario.ts";
import { storedGroup, storePathOf } from "./stored.ts";

const name = "wanted";

export const control =
  (wants: number, fetchMiB: number): FixedScenario =>
  async (run): Promise<Values> => {
    // Of the two stores the one that knows of all and holds nothing is the sender's here.
    const group = await storedGroup(run, name, wants);
    const source = await madeOnce(run.sharedFolder, "large", async () => makeSource(run.sharedFolder, fetchMiB));
    const { fileId } = await madeOnce(run.sharedFolder, "large-attached", () => attachLarge(run, group, source));
    return withChildren(run, async (start) => {
      const [sender, receiver] = [start<MemberCalls>("member"), start<MemberCalls>("member")];
      const common = (index: number) => ({ ...group.setup, identity: identityOf(group, index) });
      await sender.call("open", { ...common(1), storePath: storePathOf(run, name, 1), connection: "listens" });
      const url = await sender.call("address", undefined);
      await receiver.call("open", { ...common(2), storePath: join(run.folder, "receiver"), connection: { url } });
      await receiver.call("awaitAttachments", wants + 1);
      await receiver.call("recordWants", group.fileIds);
      await Promise.all([sender.call("startProbe", undefined), receiver.call("startProbe", undefined)]);
      await sender.call("startMeasuring", "control-sending");
      await receiver.call("startMeasuring", "control-receiving");
      const { calls, promises } = await receiver.call("control", { wanted: group.fileIds, fetched: fileId });
      const [sent, received] = [await sender.call("stopProbe", undefined), await receiver.call("stopProbe", undefined)];
      await sender.call("stopMeasuring", undefined);
      await receiver.call("stopMeasuring", undefined);
      const [digest = ""] = await receiver.call("digests", [fileId]);
      assertSame(digest, { source });
      for (const member of [receiver, sender]) await member.call("close", undefined);
      return {
        ...callValues(calls),
        "control-promise-median": percentile(promises, 50),
        "control-promise": percentile(promises, 99),
        "held-sender": sent.heldMs,
        "held-receiver": received.heldMs,
        "held-sender-cpu": sent.heldCpuMs,
        "held-receiver-cpu": received.heldCpuMs,
        "held-sender-collection": sent.longestCollectionMs,
        "held-receiver-collection": received.longestCollectionMs,
      };
    });
  };

/** 99th percentiles by act and the worst of them, which is what a goal is about; the median of all. */
function callValues(calls: Readonly<Record<ControlAct, readonly number[]>>): Values {
  const worst = Object.entries(calls).map(([act, samples]) => [`control-${act}`, percentile(samples, 99)] as const);
  return {
    control: Math.max(...worst.map(([, value]) => value)),
    "control-median": percentile(Object.values(calls).flat(), 50),
    ...Object.fromEntries(worst),
  };
}

/** Not timed, and once: the sender's store is the same for every run. */
function attachLarge(
  run: FixedRun,
  group: Awaited<ReturnType<typeof storedGroup>>,
  source: ReturnType<typeof makeSource>,
): Promise<{ readonly fileId: string }> {
  return withChildren({ ...run, profileFolder: undefined }, async (start) => {
    const sender = start<MemberCalls>("member");
    const storePath = storePathOf(run, name, 1);
    await sender.call("open", { ...group.setup, identity: identityOf(group, 1), storePath, connection: "alone" });
    const { fileIds } = await sender.call("attach", { sources: [source], atOnce: 1 });
    await sender.call("close", undefined);
    return { fileId: fileIds[0] ?? "" };
  });
}
