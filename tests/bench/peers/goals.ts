/** What we mean to reach against the peers, in the same run. Each is a ratio, or a figure that holds on any machine. */
import { receiverMegabytes, secondsAfterSetup, seconds, senderMegabytes } from "./comparison.ts";
import { ingestSeconds, summaryOf, timesOurs, type Value } from "./comparison.ts";
import { contenderOf, ourName } from "./contenders.ts";
import type { Results } from "./results.ts";

interface Goal {
  readonly sizeMiB: number;
  readonly what: string;
  readonly peer: string;
  /** At least so many times ours, or at most. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Undefined where the results do not say. */
  measure(results: Results, goal: Goal): number | undefined;
}

export interface Judged {
  readonly text: string;
  readonly isMet: boolean;
}

const timesOursIn = (value: Value) => (results: Results, goal: Goal) =>
  timesOurs(results, goal.peer, goal.sizeMiB, value)?.median;

const oursToTheirs = (results: Results, goal: Goal): number | undefined => {
  const times = timesOursIn(seconds)(results, goal);
  return times === undefined ? undefined : 1 / times;
};

function largerPeak(results: Results, { peer, sizeMiB }: Goal): number | undefined {
  const receiver = summaryOf(results, peer, sizeMiB, receiverMegabytes);
  const sender = summaryOf(results, peer, sizeMiB, senderMegabytes);
  return receiver === undefined || sender === undefined ? undefined : Math.max(receiver.median, sender.median);
}

const slower = (sizeMiB: number, peer: string, atLeast: number): Goal => ({
  sizeMiB,
  peer,
  atLeast,
  what: `fetch: ${contenderOf(peer).title}, times our time`,
  measure: timesOursIn(seconds),
});

const goals: readonly Goal[] = [
  slower(5, "hyperdrive-encrypted", 2),
  slower(5, "helia", 2),
  slower(50, "hyperdrive-encrypted", 1.5),
  slower(50, "webtorrent", 1.5),
  slower(50, "helia", 2.5),
  {
    sizeMiB: 50,
    peer: "bare-noise",
    atMost: 1.7,
    what: "fetch: our time, times a bare Noise socket",
    measure: oursToTheirs,
  },
  {
    sizeMiB: 50,
    peer: "hyperdrive-encrypted",
    atLeast: 1,
    what: "attach: Hyperdrive's time to add the file, times our time",
    measure: timesOursIn(ingestSeconds),
  },
  slower(500, "hyperdrive-encrypted", 1.5),
  slower(500, "webtorrent", 1),
  { sizeMiB: 500, peer: ourName, atMost: 120, what: "peak memory of our larger side, MB", measure: largerPeak },
];

/** Those that the results can tell of. */
export function judgeGoals(results: Results): Judged[] {
  return goals.flatMap((goal) => {
    const value = goal.measure(results, goal);
    return value === undefined ? [] : [judged(results, goal, value)];
  });
}

function judged(results: Results, goal: Goal, value: number): Judged {
  const { sizeMiB, what, atLeast, atMost } = goal;
  const isMet = value >= (atLeast ?? value) && value <= (atMost ?? value);
  const limit = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  const text = `${sizeMiB} MiB, ${what}: ${value.toFixed(2)}, goal ${limit}: ${isMet ? "met" : "missed"}`;
  return { text: `${text}${withoutSetup(results, goal)}`, isMet };
}

/** Some have to do within the clock what we have done before it: the ratio without that is told too. */
function withoutSetup(results: Results, goal: Goal): string {
  const { peer, sizeMiB, what } = goal;
  if (!what.startsWith("fetch: ") || goal.atLeast === undefined) return "";
  const whole = timesOurs(results, peer, sizeMiB, seconds)?.median;
  const after = timesOurs(results, peer, sizeMiB, secondsAfterSetup)?.median;
  if (after === undefined || after === whole) return "";
  return ` (without its setup ${after.toFixed(2)}: ${after >= goal.atLeast ? "met" : "missed"})`;
}
