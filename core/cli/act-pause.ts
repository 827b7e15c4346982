/** Act 1: fetched to half, paused, nothing arrives; then to its end, verified, written out, the same bytes. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { safeFileName, type Progress } from "../index.ts";
import { inFlightBytesMax, sealedSliceBytes } from "../limits.ts";
import { fetchToEnd, fetchToMiddle, linkSilent, progressOf, shown, wireBytesAllowed, type Act } from "./act.ts";
import { settledMs, settleMsMax, silenceBytesMax, silenceMs } from "./demo-limits.ts";
import { bytesText, countOf, secondsText } from "./format.ts";
import { sha256Of } from "./source-file.ts";

/** Tells how many bytes a whole fetch took on the wire. */
export async function actPause(act: Act, hasMiddle: boolean): Promise<number> {
  const { stage, report } = act;
  report.act(1, hasMiddle ? "Fetch it, pause at half, go on" : "Fetch it");
  const fileId = await stage.attach();
  report.note(`attached as ${fileId}`);
  const wireBefore = stage.relay.bytesTaken;
  if (hasMiddle) {
    const middle = await fetchToMiddle(act, fileId);
    await pauseForAWhile(act, fileId, middle);
    await stage.receiver.call("resume", fileId);
  } else await stage.receiver.call("request", fileId);
  const done = await fetchToEnd(act, fileId);
  const wireBytes = stage.relay.bytesTaken - wireBefore;
  checkComplete(act, done, wireBytes);
  await compare(act, fileId);
  return wireBytes;
}

async function pauseForAWhile(act: Act, fileId: string, middle: Progress): Promise<void> {
  const { receiver, relay } = act.stage;
  await receiver.call("pause", fileId);
  const lateMs = await shown(act, fileId, linkSilent(act, settledMs, settleMsMax), () => "paused");
  const settled = await progressOf(receiver, fileId);
  const wireBefore = relay.bytesDelivered;
  const startedMs = performance.now();
  const state = (): string => `paused for ${secondsText(performance.now() - startedMs)}`;
  await shown(act, fileId, sleep(silenceMs), state);
  const after = await progressOf(receiver, fileId);
  act.report.progress(after, `paused for ${secondsText(silenceMs)}`);
  act.report.progressDone();

  const { lateSlices, slicesReceived } = settled;
  const slicesInFlightMax = Math.ceil(inFlightBytesMax / sealedSliceBytes);
  act.check({
    name: "paused_at_half",
    isHeld: settled.status === "paused" && middle.percent < 100 && lateSlices <= slicesInFlightMax,
    text: `paused at ${middle.percent} %; ${countOf(lateSlices, "slice")} in flight still came`,
    figures: { percent: middle.percent, lateSlices, lateMs: Math.round(lateMs), slicesInFlightMax },
  });
  const slicesArrived = after.slicesReceived - slicesReceived;
  const bytesArrived = relay.bytesDelivered - wireBefore;
  act.check({
    name: "nothing_arrives_while_paused",
    isHeld: after.status === "paused" && slicesArrived === 0 && bytesArrived <= silenceBytesMax,
    text: `for ${secondsText(silenceMs)} nothing arrived: ${countOf(slicesArrived, "slice")}, ${bytesText(bytesArrived)} on the wire`,
    figures: { silenceMs, slicesArrived, bytesArrived, bytesArrivedMax: silenceBytesMax },
  });
}

function checkComplete(act: Act, done: Progress, wireBytes: number): void {
  const { fileBytes } = act.stage.source;
  const { status, percent, slicesReceived, sliceCount = 0 } = done;
  act.check({
    name: "complete_and_verified",
    isHeld: status === "complete" && percent === 100 && slicesReceived === sliceCount,
    text: `complete: ${countOf(slicesReceived, "slice")}, root hash verified`,
    figures: { fileBytes, slicesReceived, sliceCount },
  });
  const allowed = wireBytesAllowed(fileBytes);
  act.check({
    name: "no_byte_twice",
    isHeld: wireBytes <= allowed,
    text: `${bytesText(wireBytes)} on the wire for ${bytesText(fileBytes)}: nothing was sent twice`,
    figures: { wireBytes, wireBytesMax: allowed },
  });
}

/** The proof that needs no trust in this library: both files as they are on disk, hashed by Node. */
async function compare(act: Act, fileId: string): Promise<void> {
  const { stage } = act;
  const { name } = await stage.receiver.call("awaitAttachment", fileId);
  const path = join(stage.receivedFolder, safeFileName(name));
  await stage.receiver.callWithin(stage.transferTimeoutMs, "save", fileId, path);
  const [attached, received] = await Promise.all([sha256Of(stage.source.path), sha256Of(path)]);
  const isSame = attached === received;
  act.check({
    name: "same_sha256",
    isHeld: isSame,
    text: `SHA-256 of both is ${isSame ? "the same" : "not the same"}\nattached ${attached}\nreceived ${received}`,
    figures: { attached, received },
  });
  act.report.note(`written to ${path}`);
}
