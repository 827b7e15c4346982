/** What the three acts have in common: a file to fetch, a bar to show, bytes to count, checks to keep. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../index.ts";
import { lookIntervalMs, middlePercent, wireFactorMax, wireOverheadBytes } from "./demo-limits.ts";
import type { Peer } from "./peer.ts";
import type { Check, Report } from "./report.ts";
import type { Stage } from "./stage.ts";

export interface Act {
  readonly stage: Stage;
  readonly report: Report;
  /** Shows a check and keeps whether it held. */
  check(check: Check): void;
}

/** At most what a fresh fetch of so many bytes may put on the wire. */
export const wireBytesAllowed = (bytes: number): number => Math.ceil(bytes * wireFactorMax) + wireOverheadBytes;

/** Shows the file's progress for as long as `during` takes. */
export async function shown<T>(act: Act, fileId: string, during: Promise<T>, state?: () => string): Promise<T> {
  const { receiver } = act.stage;
  const show = (progress: Progress | undefined): void => {
    if (progress?.fileId === fileId) act.report.progress(progress, state?.());
  };
  const stop = receiver.onProgress(show);
  const timer = state === undefined ? undefined : setInterval(() => show(receiver.latest(fileId)), lookIntervalMs);
  try {
    return await during;
  } finally {
    clearInterval(timer);
    stop();
  }
}

/** Requests the file and resolves when half of it is here, or all of it when it was faster. */
export async function fetchToMiddle(act: Act, fileId: string): Promise<Progress> {
  const { receiver, transferTimeoutMs } = act.stage;
  await receiver.call("request", fileId);
  return shown(act, fileId, receiver.whenProgress(fileId, isInMiddle, transferTimeoutMs));
}

const isInMiddle = ({ percent }: Progress): boolean => percent >= middlePercent;

/** Resolves when the file is complete; leaves the bar full. */
export async function fetchToEnd(act: Act, fileId: string): Promise<Progress> {
  const { receiver, transferTimeoutMs } = act.stage;
  await shown(act, fileId, receiver.callWithin(transferTimeoutMs, "awaitComplete", fileId));
  const progress = await progressOf(receiver, fileId);
  act.report.progress(progress);
  act.report.progressDone();
  return progress;
}

export async function progressOf(receiver: Peer, fileId: string): Promise<Progress> {
  const progress = await receiver.call("progress", fileId);
  if (progress === undefined) throw new Error("the receiver knows nothing of the file");
  return progress;
}

/** Resolves when the link has been silent for `silentMs`, or after `timeoutMs`: tells how long bytes still came. */
export async function linkSilent(act: Act, silentMs: number, timeoutMs: number): Promise<number> {
  const { relay } = act.stage;
  const startedMs = performance.now();
  let movedMs = startedMs;
  let before = relay.bytesDelivered;
  while (performance.now() - movedMs < silentMs && performance.now() - startedMs < timeoutMs) {
    await sleep(lookIntervalMs);
    if (relay.bytesDelivered === before) continue;
    before = relay.bytesDelivered;
    movedMs = performance.now();
  }
  return movedMs - startedMs;
}
