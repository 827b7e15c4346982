/** Stores that have been in use for years, made once for all runs: an author's and those of members who know its log. */
import { join } from "node:path";
import type { MemberCalls } from "../children/member.ts";
import { storedAttachmentBytes } from "../limits.ts";
import { identityOf, madeOnce, makeGroup, type BenchGroup } from "./group.ts";
import { withChildren, type FixedRun } from "./scenario.ts";

export interface StoredGroup extends BenchGroup {
  readonly fileIds: readonly string[];
}

export const storePathOf = ({ sharedFolder }: FixedRun, name: string, index: number): string =>
  join(sharedFolder, name, `member-${index}`);

/** The author (0) attached `count` files; the reader (1) has the descriptors and none of the slices. Both are closed. */
export function storedGroup(run: FixedRun, name: string, count: number): Promise<StoredGroup> {
  return madeOnce(run.sharedFolder, name, () =>
    withChildren({ ...run, profileFolder: undefined }, async (start) => {
      const group = makeGroup(3);
      const [author, reader] = [start<MemberCalls>("member"), start<MemberCalls>("member")];
      const common = (index: number) => ({
        ...group.setup,
        identity: identityOf(group, index),
        storePath: storePathOf(run, name, index),
        isFlushless: true,
      });
      await author.call("open", { ...common(0), connection: "listens" });
      const fileIds = await author.call("attachMade", { count, fileBytes: storedAttachmentBytes });
      const url = await author.call("address", undefined);
      await reader.call("open", { ...common(1), connection: { url } });
      await reader.call("awaitAttachments", count);
      await reader.call("close", undefined);
      await author.call("close", undefined);
      return { ...group, fileIds };
    }),
  );
}
