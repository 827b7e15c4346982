/** Reading: a stream of verified bytes. Pulled, so a slow reader holds nothing up and nothing is read ahead of need. */
import type { FileId } from "../base/ids.ts";
import { ok } from "../base/result.ts";
import { FileSyncError } from "../errors.ts";
import { openBytes } from "../file/opener.ts";
import type { Host } from "../host/host.ts";
import { sliceBytes } from "../limits.ts";
import type { Engine } from "../sync/engine.ts";
import type { AttachmentRow } from "../../schema/index.ts";
import type { ReadOptions } from "./types.ts";

export interface ReadContext {
  readonly engine: Engine;
  readonly host: Host;
  isClosed(): boolean;
}

export function read(context: ReadContext, fileId: FileId, options: ReadOptions): ReadableStream<Uint8Array> {
  const { signal } = options;
  let descriptor: AttachmentRow | undefined;
  let at = 0;
  let end = 0;
  let onAbort: (() => void) | undefined;
  const stop = (): void => {
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Thrown here it would come out of `read` itself, and not out of the stream.
        try {
          signal?.throwIfAborted();
          descriptor = readable(context, fileId);
          ({ start: at, end } = rangeOf(descriptor.fileBytes, options));
        } catch (thrown) {
          controller.error(thrown);
          return;
        }
        onAbort = () => controller.error(signal?.reason);
        signal?.addEventListener("abort", onAbort, { once: true });
      },
      pull(controller) {
        try {
          if (at < end) {
            const bytes = next(context, descriptor as AttachmentRow, at, end);
            at += bytes.length;
            controller.enqueue(bytes);
          }
        } catch (thrown) {
          stop();
          throw thrown;
        }
        if (at < end) return;
        stop();
        controller.close();
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}

/** The descriptor of a file that can be read, or why it cannot. */
export function readable(context: ReadContext, fileId: FileId): AttachmentRow {
  if (context.isClosed()) throw new FileSyncError("closed");
  const { queries } = context.engine.log;
  const descriptor = queries.descriptor(fileId);
  if (descriptor === undefined) {
    if (queries.isDeleted(fileId)) throw new FileSyncError("file_deleted");
    throw new FileSyncError(queries.want(fileId) === undefined ? "file_unknown" : "key_missing");
  }
  if (!queries.isVerified(fileId)) throw new FileSyncError("not_complete");
  return descriptor;
}

function rangeOf(fileBytes: number, options: ReadOptions): { start: number; end: number } {
  const { start = 0, end = fileBytes } = options;
  const isRange =
    Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= fileBytes;
  if (!isRange) throw new FileSyncError("range_invalid", { detail: `0 to ${fileBytes}` });
  return { start, end };
}

function next(context: ReadContext, descriptor: AttachmentRow, start: number, end: number): Uint8Array {
  const { fileId, fileKey, noncePrefix, fileBytes } = descriptor;
  // Deleted, damaged or closed meanwhile: then it says why.
  if (context.isClosed() || !context.engine.log.isVerified(fileId)) readable(context, fileId);
  const file = context.engine.log.slices.file(fileId, false);
  const damagedSlice = Math.floor(start / sliceBytes);
  // A slice file that is gone is as damaged as one can be.
  const opened =
    file === undefined ? ok({ damagedSlice }) : openBytes({ file, fileKey, noncePrefix, fileBytes }, start, end);
  if (!opened.ok) throw opened.error;
  if (opened.value instanceof Uint8Array) return opened.value;
  context.engine.reportDamage(fileId, opened.value.damagedSlice, context.host.clock.nowMs());
  context.host.pump();
  throw new FileSyncError("at_rest_damaged", { detail: `slice ${opened.value.damagedSlice}` });
}
