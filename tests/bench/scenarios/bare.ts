/** The floors of attaching, receiving and of the way, each in processes of their own as ours are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BareCalls, BarePaths } from "../children/bare.ts";
import type { BareSocketReceiverCalls, BareSocketSenderCalls } from "../children/bare-socket.ts";
import { assertSame, withChildren, type Run, type Values } from "./scenario.ts";

export function bareAttach(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const { seconds } = await start<BareCalls>("bare").call("attach", pathsOf(run));
    return { "bare-seal": seconds };
  });
}

export function bareReceive(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const paths = pathsOf(run);
    // By another process: the first of our own calls to hash would find it compiled already.
    await start<BareCalls>("bare").call("attach", paths);
    const { seconds } = await start<BareCalls>("bare").call("receive", paths);
    if (!readFileSync(paths.sealedPath).equals(readFileSync(paths.receivedPath))) throw new Error("a copy differs");
    return { "bare-receive": seconds };
  });
}

export function bareSocket(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const url = await start<BareSocketSenderCalls>("bare-socket-sender").call("serve", run.source);
    const { seconds, digest } = await start<BareSocketReceiverCalls>("bare-socket-receiver").call("receive", url);
    assertSame(digest, run);
    return { "bare-socket": seconds };
  });
}

const pathsOf = ({ source, folder }: Run): BarePaths => ({
  ...source,
  sealedPath: join(folder, "sealed"),
  receivedPath: join(folder, "received"),
});
