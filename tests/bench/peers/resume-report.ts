/** What is printed of runs whose receiver was killed and another one put in its place. */
import { summarise, type Summary } from "../statistics.ts";
import { chosenRuns, fileBytesOf, peersIn, seconds, sentInAll, sizesIn, summaryOf } from "./comparison.ts";
import { wirePerByte, type Value } from "./comparison.ts";
import { contenderOf, ourName } from "./contenders.ts";
import { markdownTable } from "./report.ts";
import type { Results, Run } from "./results.ts";

/** Of the file, sent a second time. */
const sentAgainMax = 0.01;

const head = [
  "contender",
  "MiB",
  "rounds",
  "killed at",
  "on disk then",
  "sent in all, median",
  "min to max",
  "of it again",
  "seconds after",
];

const share = (value: number): string => `${(value * 100).toFixed(1)} %`;

/** `whole` are transfers without a kill: what these send is not sent again. */
export function resumeText(results: Results, whole: Results | undefined): string {
  const kinds = sizesIn(results).flatMap((sizeMiB) => peersIn(results).map((peer) => ({ peer, sizeMiB })));
  const rows = kinds.flatMap(({ peer, sizeMiB }) => {
    const runs = chosenRuns(results, peer, sizeMiB);
    return runs.length === 0 ? [] : [rowOf(peer, sizeMiB, runs, whole)];
  });
  const goals = kinds.flatMap(({ peer, sizeMiB }) => {
    if (peer !== ourName) return [];
    const again = sentAgain(peer, chosenRuns(results, peer, sizeMiB), whole);
    if (again === undefined) return [];
    const verdict = again <= sentAgainMax ? "met" : "missed";
    return [
      `- ${sizeMiB} MiB, sent again after a kill: ${share(again)}, goal at most ${share(sentAgainMax)}: ${verdict}`,
    ];
  });
  return [markdownTable(head, rows), ...(goals.length === 0 ? [] : [goals.join("\n")])].join("\n\n");
}

function rowOf(peer: string, sizeMiB: number, runs: readonly Run[], whole: Results | undefined): string[] {
  const of = (value: Value): Summary => summarise(runs.map(value));
  const sent = of(sentInAll);
  const again = sentAgain(peer, runs, whole);
  return [
    contenderOf(peer).title,
    String(sizeMiB),
    String(runs.length),
    share(of((run) => run.resume?.killedAt ?? Number.NaN).median),
    share(of((run) => (run.resume?.keptDiskBytes ?? Number.NaN) / fileBytesOf(run)).median),
    share(sent.median),
    `${share(sent.min)} to ${share(sent.max)}`,
    again === undefined ? "" : share(again),
    of(seconds).median.toFixed(2),
  ];
}

/** Against the largest whole transfer, whose share of handshakes and headers is the smallest: so rather too much. */
function sentAgain(peer: string, runs: readonly Run[], whole: Results | undefined): number | undefined {
  if (whole === undefined || runs.length === 0) return undefined;
  const sizes = sizesIn(whole).filter((sizeMiB) => chosenRuns(whole, peer, sizeMiB).length > 0);
  const once = summaryOf(whole, peer, sizes.at(-1) ?? 0, wirePerByte);
  return once === undefined ? undefined : summarise(runs.map(sentInAll)).median - once.median;
}
