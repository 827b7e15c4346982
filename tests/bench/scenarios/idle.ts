/** Two connected members of whom nobody wants anything, for one whole period of everything that recurs. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MemberCalls } from "../children/member.ts";
import { identityOf, makeGroup, type BenchGroup } from "./group.ts";
import { withChildren, type FixedRun, type FixedScenario, type Values } from "./scenario.ts";
import { storedGroup, storePathOf } from "./stored.ts";

const name = "stored";

export interface IdleTimes {
  readonly settleMs: number;
  readonly idleMs: number;
}

/** With nothing in the stores, and with many attachments in both; at the same time, since neither does much. */
export const idle =
  (count: number, times: IdleTimes): FixedScenario =>
  async (run): Promise<Values> => {
    const stored = await storedGroup(run, name, count);
    const empty = makeGroup(2);
    const [none, many] = await Promise.all([
      idleMsOf(run, empty, (index) => join(run.folder, `member-${index}`), times),
      idleMsOf(run, stored, (index) => storePathOf(run, name, index), times),
    ]);
    return { idle: none, "idle-10000attachments": many };
  };

/** CPU milliseconds of both members together for each second. */
function idleMsOf(
  run: FixedRun,
  group: BenchGroup,
  storePathOf: (index: number) => string,
  { settleMs, idleMs }: IdleTimes,
): Promise<number> {
  return withChildren(run, async (start) => {
    const [listening, dialling] = [start<MemberCalls>("member"), start<MemberCalls>("member")];
    const common = (index: number) => ({
      ...group.setup,
      identity: identityOf(group, index),
      storePath: storePathOf(index),
    });
    await listening.call("open", { ...common(0), connection: "listens" });
    const url = await listening.call("address", undefined);
    await dialling.call("open", { ...common(1), connection: { url } });
    await sleep(settleMs);
    const both = [listening, dialling];
    await Promise.all(both.map((member) => member.call("startMeasuring", "idle")));
    await sleep(idleMs);
    const spans = await Promise.all(both.map((member) => member.call("stopMeasuring", undefined)));
    for (const member of both) await member.call("close", undefined);
    return spans.reduce((total, { cpuSeconds, seconds }) => total + (1000 * cpuSeconds) / seconds, 0);
  });
}
