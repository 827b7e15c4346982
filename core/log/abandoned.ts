/** What an attach or a cancel that never ended left behind: files of slices that nobody wants and no descriptor names. */
import { openTurnFiles } from "../limits.ts";
import type { LogQueries } from "./queries.ts";
import type { SliceStore } from "./slice-store.ts";
import type { Steps } from "./steps.ts";

export function* removingAbandoned(slices: SliceStore, queries: LogQueries): Steps<void> {
  slices.removeAbandoned();
  let looked = 0;
  for (const fileId of slices.fileIds()) {
    if (++looked % openTurnFiles === 0) yield;
    // Attached here, and the record of it was damaged: the slices may be the only ones there are.
    if (!queries.hasWant(fileId) && !queries.hasDescriptor(fileId)) slices.remove(fileId);
  }
}
