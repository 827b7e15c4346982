/** Act 2: the receiving process is killed in the middle and started again; what it had, it still has. */
import { inFlightBytesMax } from "../limits.ts";
import { fetchToEnd, fetchToMiddle, wireBytesAllowed, type Act } from "./act.ts";
import { wireOverheadBytes } from "./demo-limits.ts";
import { bytesText } from "./format.ts";

/** `wireBytesWhole`: what the first act took on the wire for the same file, in one go. */
export async function actKill(act: Act, wireBytesWhole: number): Promise<void> {
  const { stage, report } = act;
  report.act(2, "Kill the receiving process in the middle, start it again");
  const fileId = await stage.attach();
  report.note(`attached again, with a new key: ${fileId}`);

  const start = stage.relay.bytesTaken;
  await fetchToMiddle(act, fileId);
  const { pid } = stage.receiver;
  const signal = await stage.receiver.kill();
  const told = stage.receiver.latest(fileId)?.bytesReceived ?? 0;
  report.progressDone();
  const wireBytesBefore = stage.relay.bytesTaken - start;
  act.check({
    name: "killed",
    isHeld: signal === "SIGKILL" && told < stage.source.fileBytes,
    text: `process ${pid} killed: it had ${bytesText(told)}; ${bytesText(wireBytesBefore)} on the wire`,
    figures: { signal: signal ?? "none", bytesReceived: told, wireBytesBefore },
  });

  const restart = stage.relay.bytesTaken;
  await stage.startReceiver();
  // What its store gave back, before anyone could send anything.
  const held = stage.receiver.latest(fileId)?.bytesReceived ?? 0;
  act.check({
    name: "held_after_restart",
    isHeld: held >= told,
    text: `process ${stage.receiver.pid} started: its store has ${bytesText(held)}, nothing lost`,
    figures: { bytesHeld: held, bytesHeldMin: told },
  });

  await fetchToEnd(act, fileId);
  const wireBytesAfter = stage.relay.bytesTaken - restart;
  const missing = stage.source.fileBytes - held;
  const allowed = wireBytesAllowed(missing);
  act.check({
    name: "held_not_sent_again",
    isHeld: wireBytesAfter <= allowed,
    text: `complete: ${bytesText(missing)} were missing, ${bytesText(wireBytesAfter)} on the wire`,
    figures: { bytesMissing: missing, wireBytesAfter, wireBytesMax: allowed },
  });
  // What had left the sender and was not told as received: sealed, framed, in the relay or half a window in memory.
  const wireBytesInFlight = wireBytesBefore - told;
  checkTwice(act, { wireBytes: wireBytesBefore + wireBytesAfter, wireBytesWhole, wireBytesInFlight });
}

interface WireBytes {
  readonly wireBytes: number;
  readonly wireBytesWhole: number;
  readonly wireBytesInFlight: number;
}

function checkTwice(act: Act, { wireBytes, wireBytesWhole, wireBytesInFlight }: WireBytes): void {
  const wireBytesTwice = Math.max(0, wireBytes - wireBytesWhole);
  // The second connection shakes hands, too.
  const wireBytesTwiceMax = Math.min(inFlightBytesMax, wireBytesInFlight + wireOverheadBytes);
  act.check({
    name: "twice_only_in_flight",
    isHeld: wireBytesTwice <= wireBytesTwiceMax,
    text:
      `${bytesText(wireBytes)} in both parts, ${bytesText(wireBytesWhole)} in one go: ${bytesText(wireBytesTwice)} sent twice,\n` +
      `of the ${bytesText(wireBytesInFlight)} that were in flight when it was killed`,
    figures: { wireBytes, wireBytesWhole, wireBytesTwice, wireBytesInFlight, wireBytesTwiceMax },
  });
}
