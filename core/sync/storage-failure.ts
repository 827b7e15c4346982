/** A storage that fails fails the wants that were writing; everything else goes on. They can be requested again. */
import type { EpochMs, FileId } from "../base/ids.ts";
import { FileSyncError } from "../errors.ts";
import type { Context } from "./context.ts";
import { failWant, stopAsking } from "./want-control.ts";

/** Runs what may meet a failing storage. `onFailure` puts right what the work left half done. */
export function guarded(context: Context, now: EpochMs, work: () => void, onFailure: () => void = () => {}): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof FileSyncError)) throw thrown;
    onFailure();
    const writing = [...context.downloads.values()].filter(({ want }) => want.status === "active");
    const fileIds = writing.map(({ fileId }) => fileId);
    storageFailed(context, thrown, fileIds, now);
  }
}

export function storageFailed(context: Context, error: FileSyncError, fileIds: readonly FileId[], now: EpochMs): void {
  context.emit({ kind: "storage_failed", error });
  for (const fileId of fileIds) {
    try {
      failWant(context, fileId, error.code, false, now);
    } catch (thrown) {
      if (!(thrown instanceof FileSyncError)) throw thrown;
      // Not even the failure can be recorded: it holds in memory, and a restart tries again.
      const download = context.downloads.get(fileId);
      if (download === undefined) continue;
      stopAsking(context, fileId, "forget");
      download.want = { ...download.want, status: "failed", failure: error.code };
      context.emit({ kind: "want_changed", fileId });
    }
  }
}
