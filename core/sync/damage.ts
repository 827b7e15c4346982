/** What was proved once and does not match now: the disk changed it. It is no longer offered, and fetched again. */
import type { EpochMs, FileId } from "../base/ids.ts";
import type { Context } from "./context.ts";
import { reopenWant } from "./want-control.ts";

export function markDamaged(context: Context, fileId: FileId, window: number, now: EpochMs): void {
  const download = context.downloads.get(fileId);
  if (download !== undefined) {
    download.setUnproved(window);
    return;
  }
  // Of a complete file the proof is taken back, and what is still sound is proved again as it is restored. When it was
  // our own attachment the members who fetched it have what is missing now.
  reopenWant(context, fileId, now);
}
