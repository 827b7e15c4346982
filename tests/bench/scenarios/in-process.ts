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
