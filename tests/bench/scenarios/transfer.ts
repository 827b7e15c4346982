/** Two processes with stores on disk: one attaches, the other fetches over a WebSocket and reads back. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ReceiverCalls } from "../children/receiver.ts";
import type { SenderCalls } from "../children/sender.ts";
import { percentile } from "../statistics.ts";
import { assertSame, diskBytesOf, megabytes, withChildren, type Run, type Values } from "./scenario.ts";

export function transfer(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const sender = start<SenderCalls>("sender");
    const receiver = start<ReceiverCalls>("receiver");
    const members = [await sender.call("peerId", undefined), await receiver.call("peerId", undefined)];
    const group = { members, groupKey: randomBytes(32) };
    const storePath = join(run.folder, "receiver");
    const url = await sender.call("open", { ...group, storePath: join(run.folder, "sender") });
    const attached = await sender.call("attach", run.source);
    await receiver.call("open", { ...group, storePath, url });
    await receiver.call("awaitAttachment", attached.fileId);

    await sender.call("startServing", undefined);
    const fetched = await receiver.call("fetch", attached.fileId);
    const served = await sender.call("stopServing", undefined);

    const read = await receiver.call("read", attached.fileId);
    const sought = await receiver.call("seek", { fileId: attached.fileId, ...run.source });
    assertSame(await receiver.call("digest", attached.fileId), run);
    await receiver.call("close", undefined);
    await sender.call("close", undefined);
    return {
      attach: attached.seconds,
      "attach-cpu": attached.cpuSeconds,
      fetch: fetched.seconds,
      "fetch-cpu-sender": served.cpuSeconds,
      "fetch-cpu-receiver": fetched.cpuSeconds,
      read: read.seconds,
      "read-cpu": read.cpuSeconds,
      "read-first": read.firstSeconds * 1000,
      seek: percentile(sought, 50),
      "seek-worst": percentile(sought, 99),
      wire: served.wireBytes / run.source.fileBytes,
      disk: diskBytesOf(storePath) / run.source.fileBytes,
      rss: megabytes(Math.max(served.rssBytes, fetched.rssBytes)),
      "rss-sender": megabytes(served.rssBytes),
      "rss-receiver": megabytes(fetched.rssBytes),
    };
  });
}
