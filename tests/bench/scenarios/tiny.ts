/** A file so small that what surrounds it is most of what travels. */
import { createHash, randomFillSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MemberCalls } from "../children/member.ts";
import { tinyFileBytes, tinyQuietMs } from "../limits.ts";
import { identityOf, makeGroup } from "./group.ts";
import { withChildren, type FixedRun, type Values } from "./scenario.ts";

export function tiny(run: FixedRun): Promise<Values> {
  return withChildren(run, async (start) => {
    const group = makeGroup(2);
    const [sender, receiver] = [start<MemberCalls>("member"), start<MemberCalls>("member")];
    const bytes = randomFillSync(new Uint8Array(tinyFileBytes));
    const path = join(run.folder, "source");
    writeFileSync(path, bytes);
    const common = (index: number) => ({
      ...group.setup,
      identity: identityOf(group, index),
      storePath: join(run.folder, `member-${index}`),
    });
    const wireBytes = async (): Promise<number> => (await sender.call("wireBytes", undefined))[0] ?? 0;
    await sender.call("open", { ...common(0), connection: "listens" });
    const sources = [{ path, fileBytes: tinyFileBytes }];
    const { fileIds } = await sender.call("attach", { sources, atOnce: 1 });
    await receiver.call("open", { ...common(1), connection: { url: await sender.call("address", undefined) } });
    await receiver.call("awaitAttachments", 1);
    // What the greeting and the log sync still have to say is not the fetch's.
    await sleep(tinyQuietMs);
    const beforeBytes = await wireBytes();
    const fetched = await receiver.call("fetch", fileIds);
    await sleep(tinyQuietMs);
    const afterBytes = await wireBytes();
    const [digest] = await receiver.call("digests", fileIds);
    if (digest !== createHash("sha256").update(bytes).digest("hex"))
      throw new Error("what arrived is not what was sent");
    return { wire: afterBytes - beforeBytes, "wire-opened": afterBytes, fetch: fetched.seconds };
  });
}
