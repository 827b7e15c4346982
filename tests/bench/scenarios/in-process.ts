/** Two peers in one process. */
import type { InProcessCalls } from "../children/in-process.ts";
import { assertSame, megabytes, withChildren, type Run, type Values } from "./scenario.ts";

export function inProcess(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const child = start<InProcessCalls>("in-process");
    const result = await child.call("run", run.source);
    assertSame(result.digest, run);
    return {
      inprocess: result.seconds,
      "inprocess-sync": result.fetchSeconds,
      "inprocess-cpu": result.cpuSeconds,
      "inprocess-memory": megabytes(result.rssBytes),
    };
  });
}

/** The engine's own part of a fetch, beside the floor that reads, hashes, writes and flushes as many bytes. */
export function inProcessStored(run: Run): Promise<Values> {
  return withChildren(run, async (start) => {
    const child = start<InProcessCalls>("in-process");
    const result = await child.call("fetchOnDisk", { ...run.source, folder: run.folder });
    assertSame(result.digest, run);
    return { "inprocess-stored": result.seconds, "inprocess-stored-cpu": result.cpuSeconds };
  });
}
