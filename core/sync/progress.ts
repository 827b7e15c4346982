/** What can be said of a file at a moment: computed when asked, never stored. */
import type { EpochMs, FileId } from "../base/ids.ts";
import { fileShape, sliceCountOf } from "../base/sizes.ts";
import type { WantState } from "../base/want-status.ts";
import { FileSyncError, type ErrorCode } from "../errors.ts";
import { proofAtRest } from "../log/descriptor-proof.ts";
import type { Context } from "./context.ts";
import type { Download } from "./download.ts";

export interface Progress {
  readonly fileId: FileId;
  /** `none`: known, but never requested. */
  readonly status: WantState;
  readonly priority: number;
  readonly slicesReceived: number;
  /** Undefined until a descriptor or the leaves have come. */
  readonly sliceCount: number | undefined;
  readonly bytesReceived: number;
  readonly fileBytes: number | undefined;
  /** 0 to 100, rounded down: 100 means verified. */
  readonly percent: number;
  /** Undefined while there is nothing to measure. */
  readonly bytesPerSecond: number | undefined;
  /** Undefined while it cannot be told. */
  readonly etaMs: number | undefined;
  /** Peers that are being asked now. */
  readonly peers: number;
  /** Slices that came after a pause, because they were in flight. */
  readonly lateSlices: number;
  /** Undefined until a descriptor has come that a group key opens. */
  readonly name: string | undefined;
  /** Why it failed, when it did. */
  readonly failure: ErrorCode | undefined;
}

export function progressOf(context: Context, fileId: FileId, now: EpochMs): Progress | undefined {
  const download = context.downloads.get(fileId);
  if (download !== undefined) return ofDownload(context, download, context.log.descriptor(fileId)?.name, now);
  const descriptor = context.log.descriptor(fileId);
  const want = context.log.queries.want(fileId);
  if (want === undefined && descriptor === undefined) return undefined;
  const isComplete = want?.status === "complete";
  const fileBytes = descriptor?.fileBytes ?? lengthAtRest(context, fileId);
  const sliceCount = fileBytes === undefined ? undefined : fileShape(sliceCountOf(fileBytes)).sliceCount;
  return {
    fileId,
    status: want?.status ?? "none",
    priority: want?.priority ?? 0,
    slicesReceived: isComplete ? (sliceCount ?? 0) : 0,
    sliceCount,
    bytesReceived: isComplete ? (fileBytes ?? 0) : 0,
    fileBytes,
    percent: isComplete ? 100 : 0,
    bytesPerSecond: undefined,
    etaMs: undefined,
    peers: 0,
    lateSlices: 0,
    name: descriptor?.name,
    failure: want === undefined || want.failure === "" ? undefined : want.failure,
  };
}

/** A storage that fails is no reason to tell nothing. */
function lengthAtRest(context: Context, fileId: FileId): number | undefined {
  try {
    return proofAtRest(context.log, fileId)?.fileBytes;
  } catch (thrown) {
    if (thrown instanceof FileSyncError) return undefined;
    throw thrown;
  }
}

function ofDownload(context: Context, download: Download, name: string | undefined, now: EpochMs): Progress {
  const { want, shape, fileBytes } = download;
  const slicesReceived = download.slicesHeld;
  const bytesReceived = download.bytesHeld;
  const isActive = want.status === "active";
  const bytesPerSecond = isActive ? download.speed.bytesPerSecond(now) : undefined;
  const bytesLeft = fileBytes === undefined ? undefined : fileBytes - bytesReceived;
  return {
    fileId: download.fileId,
    status: want.status,
    priority: want.priority,
    slicesReceived,
    sliceCount: shape?.sliceCount,
    bytesReceived,
    fileBytes,
    // 100 is for what is verified: until then the last hundredth is kept back.
    percent:
      shape === undefined || shape.sliceCount === 0
        ? 0
        : Math.min(99, Math.floor((100 * slicesReceived) / shape.sliceCount)),
    bytesPerSecond,
    etaMs: bytesLeft === undefined || !bytesPerSecond ? undefined : Math.round((1000 * bytesLeft) / bytesPerSecond),
    peers: new Set([...context.peers.values()].filter((peer) => peer.isAskedFor(download.fileId)).map(({ id }) => id))
      .size,
    lateSlices: download.lateSlices,
    name,
    failure: want.failure === "" ? undefined : want.failure,
  };
}
