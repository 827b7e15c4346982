/** Following one file: as a sequence of snapshots, or until its end. */
import type { FileId } from "../base/ids.ts";
import { FileSyncError } from "../errors.ts";
import type { Snapshots } from "../host/snapshots.ts";
import type { Progress } from "../sync/progress.ts";

export interface WatchContext {
  readonly snapshots: Snapshots;
  /** Makes durable what a snapshot shows. */
  flush(): Promise<void>;
  isClosed(): boolean;
}

export async function* watch(
  context: WatchContext,
  fileId: FileId,
  signal?: AbortSignal,
): AsyncGenerator<Progress, void, void> {
  let last: Progress | undefined;
  for (;;) {
    signal?.throwIfAborted();
    if (context.isClosed()) throw new FileSyncError("closed");
    const progress = context.snapshots.get(fileId);
    if (progress !== undefined && progress !== last) {
      last = progress;
      yield progress;
      if (isOver(progress)) return;
      // What changed while the consumer was busy is seen at once.
      if (context.snapshots.get(fileId) !== last) continue;
    }
    await nextChange(context, fileId, signal);
  }
}

export async function whenComplete(context: WatchContext, fileId: FileId, signal?: AbortSignal): Promise<void> {
  const now = context.snapshots.get(fileId);
  if (now === undefined || now.status === "none") throw new FileSyncError("want_unknown");
  for await (const progress of watch(context, fileId, signal)) {
    if (!isOver(progress)) continue;
    if (progress.status !== "complete") throw endOf(progress);
    return context.flush();
  }
}

const isOver = ({ status }: Progress): boolean =>
  status === "complete" || status === "failed" || status === "cancelled" || status === "expired";

function endOf({ status, failure }: Progress): FileSyncError {
  if (status === "cancelled") return new FileSyncError("want_cancelled");
  if (status === "expired") return new FileSyncError("want_expired");
  return new FileSyncError(failure ?? "want_failed");
}

/** Resolves at the next change of the file, or when the instance is closed; rejects when aborted. */
function nextChange(context: WatchContext, fileId: FileId, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      unsubscribe();
      signal?.removeEventListener("abort", aborted);
    };
    const aborted = (): void => {
      stop();
      // The reason is whatever the app aborted with.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal?.reason);
    };
    const unsubscribe = context.snapshots.subscribeTo(fileId, () => {
      stop();
      resolve();
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}
