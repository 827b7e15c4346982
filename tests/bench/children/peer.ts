/** What both peers of a transfer have in common: an identity, a group, and waiting for news. */
import { createHash } from "node:crypto";
import type { FileSync, GroupOptions } from "../../../core/index.ts";

/** Everyone of a bench is in this group; who that is and the key come from the parent. */
export interface GroupSetup {
  readonly members: readonly string[];
  readonly groupKey: Uint8Array;
}

export const groupOf = ({ members, groupKey }: GroupSetup): GroupOptions => ({
  name: "bench",
  members,
  keys: [new Uint8Array(groupKey)],
});

const pollMs = 1;
const waitMsMax = 10_000;

/** Until the descriptor has arrived. It is no news to subscribers before something is wanted, so it is looked for. */
export async function awaitAttachment(sync: FileSync, fileId: string): Promise<void> {
  const giveUpAtMs = performance.now() + waitMsMax;
  while (!sync.attachments().some((attachment) => attachment.fileId === fileId)) {
    if (performance.now() > giveUpAtMs) throw new Error("the descriptor did not arrive");
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Not timed: that the right bytes came. */
export async function digestOf(sync: FileSync, fileId: string): Promise<string> {
  const hash = createHash("sha256");
  const reader = sync.read(fileId).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) hash.update(next.value);
  return hash.digest("hex");
}
