/** Two peers in one page: attach, fetch, pause, resume, cancel another, read back. */
import type { FileSync } from "../../../core/browser.ts";
import { attachmentOf, bytesOf, failureOf, openPair, pause, sha256 } from "./peer.ts";

const fileBytes = 1 << 20;
/** A second for the file, so that there is a middle to pause in. */
const bytesPerSecond = 1 << 20;
/** Early: what is in flight then still arrives, and at this speed that is up to half of the file. */
const pausePercent = 20;
/** Longer than the line takes for what was in flight. */
const settleMs = 1_500;
const stillMs = 700;

export async function pauseAndResume() {
  const { anna, ben } = await openPair(bytesPerSecond);
  const messageId = crypto.randomUUID();
  const source = new Blob([bytesOf(1, fileBytes)], { type: "image/png" });
  const attachProgress: number[] = [];
  const attached = await anna.attach(source, {
    messageId,
    name: "holiday.png",
    mediaType: "image/png",
    onProgress: ({ bytesDone }) => attachProgress.push(bytesDone),
  });
  const heard = await attachmentOf(ben, messageId);

  await ben.request(heard.fileId);
  const percents = await percentsUntil(ben, heard.fileId, pausePercent);
  await ben.pause(heard.fileId);
  const atPause = ben.progress(heard.fileId);
  await pause(settleMs);
  const paused = ben.progress(heard.fileId);
  await pause(stillMs);
  const stillPaused = ben.progress(heard.fileId);

  await ben.resume(heard.fileId);
  const done = ben.whenComplete(heard.fileId);
  percents.push(...(await percentsUntil(ben, heard.fileId, 100)));
  await done;
  const blob = await ben.blob(heard.fileId);
  const facts = {
    attachProgress,
    sameId: attached.fileId === heard.fileId,
    name: heard.name,
    percents,
    atPause,
    paused,
    stillPaused,
    snapshotKept: paused === stillPaused,
    complete: ben.progress(heard.fileId),
    mediaType: blob.type,
    blobBytes: blob.size,
    sourceHash: await sha256(source),
    blobHash: await sha256(blob),
    pauseOfComplete: await failureOf(ben.pause(heard.fileId)),
  };
  await Promise.all([anna.close(), ben.close()]);
  return { ...facts, afterClose: await failureOf(ben.request(heard.fileId)) };
}

export async function cancelAndRequestAgain() {
  const { anna, ben } = await openPair(bytesPerSecond);
  const messageId = crypto.randomUUID();
  const source = bytesOf(2, fileBytes / 4);
  await anna.attach(source, { messageId });
  const { fileId } = await attachmentOf(ben, messageId);
  await ben.request(fileId);
  await percentsUntil(ben, fileId, 20);
  const waiting = failureOf(ben.whenComplete(fileId));
  await ben.cancel(fileId);
  await pause(settleMs);
  const cancelled = ben.progress(fileId);
  await ben.request(fileId);
  await ben.whenComplete(fileId);
  const facts = {
    waiting: await waiting,
    cancelled,
    sourceHash: await sha256(source),
    blobHash: await sha256(await ben.blob(fileId)),
  };
  await Promise.all([anna.close(), ben.close()]);
  return facts;
}

/** Follows a file until so many percent are there; gives all that was seen on the way. */
async function percentsUntil(sync: FileSync, fileId: string, percentMin: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const { percent } of sync.watch(fileId, { signal: AbortSignal.timeout(20_000) })) {
    seen.push(percent);
    if (percent >= percentMin) break;
  }
  return seen;
}
