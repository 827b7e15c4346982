/**
 * Opening a store that holds many attachments: with the cached tables that closing leaves, without them and with the
 * lock still there as a kill leaves it, and an empty one for comparison. Each in a new process, which loads and compiles
 * everything anew; the files are in the system's cache.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { MemberCalls, Measured } from "../children/member.ts";
import { identityOf } from "./group.ts";
import { megabytes, withChildren, type FixedRun, type FixedScenario, type Values } from "./scenario.ts";
import { storedGroup, storePathOf, type StoredGroup } from "./stored.ts";

const name = "stored";
/** FOCUSED_FILE_SYNC.md, section 6. */
const cacheName = "projections.cache";

export const open =
  (count: number): FixedScenario =>
  async (run): Promise<Values> => {
    const group = await storedGroup(run, name, count);
    const storePath = storePathOf(run, name, 0);
    const cachePath = join(storePath, cacheName);
    if (!existsSync(cachePath)) throw new Error("closing left no cached tables");
    // This one is killed with the store open; a cache that is older than the kill would only be less work.
    const cached = await openOnce(run, group, storePath, false);
    rmSync(cachePath);
    const replayed = await openOnce(run, group, storePath, true);
    const empty = await openOnce(run, group, join(run.folder, "empty"), true);
    return {
      open: cached.seconds * 1000,
      "open-killed": replayed.seconds * 1000,
      "open-nothing": empty.seconds * 1000,
      "open-cpu": cached.cpuSeconds * 1000,
      "open-killed-cpu": replayed.cpuSeconds * 1000,
      "open-memory": megabytes(cached.rssBytes),
      "open-killed-memory": megabytes(replayed.rssBytes),
      "open-nothing-memory": megabytes(empty.rssBytes),
    };
  };

/** Left as it was found when it is closed; otherwise the process is killed. */
function openOnce(run: FixedRun, group: StoredGroup, storePath: string, isClosed: boolean): Promise<Measured> {
  return withChildren(run, async (start) => {
    const member = start<MemberCalls>("member");
    const identity = identityOf(group, 0);
    const opened = await member.call("open", { ...group.setup, identity, storePath, connection: "alone" });
    const known = await member.call("attachmentCount", undefined);
    if (known !== (storePath.startsWith(run.sharedFolder) ? group.fileIds.length : 0))
      throw new Error(`${known} attachments were there`);
    if (isClosed) await member.call("close", undefined);
    return opened;
  });
}
