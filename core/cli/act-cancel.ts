/** Act 3: cancelled in the middle; the slices are gone from the disk, and those that come late are refused. */
import { fetchToMiddle, linkSilent, progressOf, type Act } from "./act.ts";
import { lateMs, settleMsMax, silenceBytesMax } from "./demo-limits.ts";
import { bytesText, countOf } from "./format.ts";

export async function actCancel(act: Act): Promise<void> {
  const { stage, report } = act;
  const { receiver, relay } = stage;
  report.act(3, "Cancel a third in the middle");
  const fileId = await stage.attach();
  report.note(`attached as ${fileId}`);
  const middle = await fetchToMiddle(act, fileId);
  const bytesBefore = stage.sliceFileBytes(fileId) ?? 0;
  const refusedBefore = await receiver.call("lateMessagesRefused");
  await receiver.call("cancel", fileId);
  const bytesAfter = stage.sliceFileBytes(fileId);
  const wireBefore = relay.bytesDelivered;
  report.progressDone();
  const { status, slicesReceived } = await progressOf(receiver, fileId);
  act.check({
    name: "slices_gone",
    isHeld: bytesBefore > 0 && bytesAfter === undefined && status === "cancelled" && slicesReceived === 0,
    text: `cancelled at ${middle.percent} %: ${bytesText(bytesBefore)} of slices on disk before, ${bytesText(bytesAfter ?? 0)} after`,
    figures: { percent: middle.percent, sliceFileBytesBefore: bytesBefore, sliceFileBytesAfter: bytesAfter ?? 0 },
  });

  await linkSilent(act, lateMs, settleMsMax);
  const lateBytes = relay.bytesDelivered - wireBefore;
  const refused = (await receiver.call("lateMessagesRefused")) - refusedBefore;
  const isStillGone = stage.sliceFileBytes(fileId) === undefined;
  act.check({
    name: "late_slices_refused",
    isHeld: isStillGone && (refused > 0 || lateBytes <= silenceBytesMax),
    text: `${bytesText(lateBytes)} came late: ${countOf(refused, "message")} refused, ${isStillGone ? "nothing" : "something"} stored`,
    figures: { lateBytes, messagesRefused: refused, sliceFileBytes: stage.sliceFileBytes(fileId) ?? 0 },
  });
}
