/**
 * The receiver is killed (SIGKILL, in a process of its own) when the sender has sent half of the file, and begins again
 * in a new process with the same store. What is counted is everything that a fetch without the kill would not have sent:
 * the bytes of both connections, from their opening, less those of a whole fetch by a third member in the same run. So
 * what was on its way when the receiver died counts as sent again, too.
 */
import { join } from "node:path";
import type { MemberCalls } from "../children/member.ts";
import type { ChildProcess } from "../child-process.ts";
import { identityOf, makeGroup } from "./group.ts";
import { assertSame, megabytes, withChildren, type Run, type Values } from "./scenario.ts";

/** Of the file, when the receiver is killed. */
const killedAt = 0.5;

export function resume(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const group = makeGroup(3);
    const sender = start<MemberCalls>("member");
    const openMember = (member: ChildProcess<MemberCalls>, index: number, url?: string) =>
      member.call("open", {
        ...group.setup,
        identity: identityOf(group, index),
        storePath: join(run.folder, `member-${index}`),
        connection: url === undefined ? "listens" : { url },
      });
    await openMember(sender, 0);
    const url = await sender.call("address", undefined);
    const { fileIds } = await sender.call("attach", { sources: [run.source], atOnce: 1 });

    const undisturbed = start<MemberCalls>("member");
    await openMember(undisturbed, 1, url);
    await undisturbed.call("awaitAttachments", 1);
    await undisturbed.call("fetch", fileIds);
    await undisturbed.call("close", undefined);

    const killed = start<MemberCalls>("member");
    await openMember(killed, 2, url);
    await killed.call("awaitAttachments", 1);
    await sender.call("killWhenSent", { pid: killed.pid, bytes: killedAt * run.source.fileBytes });
    const ended = await killed.call("fetch", fileIds).then(
      () => "complete",
      () => "killed",
    );
    if (ended !== "killed") throw new Error("the receiver was complete before it could be killed");

    const restarted = start<MemberCalls>("member");
    await sender.call("startMeasuring", "resume-serving");
    const opened = await openMember(restarted, 2, url);
    const heldBytes = await restarted.call("bytesHeld", fileIds[0] ?? "");
    const resumed = await restarted.call("awaitComplete", fileIds);
    const served = await sender.call("stopMeasuring", undefined);
    const [whole = 0, first = 0, second = 0] = await sender.call("wireBytes", undefined);
    const [digest = ""] = await restarted.call("digests", fileIds);
    assertSame(digest, run);
    return {
      resume: (100 * (first + second - whole)) / run.source.fileBytes,
      "resume-sent": (100 * first) / whole,
      "resume-held": (100 * heldBytes) / run.source.fileBytes,
      "resume-time": opened.seconds + resumed.seconds,
      "resume-open": opened.seconds * 1000,
      "resume-cpu-sender": served.cpuSeconds,
      "resume-cpu-receiver": opened.cpuSeconds + resumed.cpuSeconds,
      "resume-memory-sender": megabytes(served.rssBytes),
      "resume-memory-receiver": megabytes(resumed.rssBytes),
    };
  });
}
