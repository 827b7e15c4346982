/** What is printed of results: the tables of the README and of docs/BENCHMARKS_PEERS.md, and lines of JSON. */
import { summarise, type Summary } from "../statistics.ts";
import {
  chosenRuns,
  diskPerByte,
  fileBytesOf,
  ingestSeconds,
  megabytes,
  peersIn,
  receiverMegabytes,
  seconds,
  secondsAfterSetup,
  senderMegabytes,
  sentInAll,
  sizesIn,
  summaryOf,
  timesOurs,
  wirePerByte,
  type Value,
} from "./comparison.ts";
import { contenderOf, contenders, ourName } from "./contenders.ts";
import { judgeGoals } from "./goals.ts";
import type { Results, Run } from "./results.ts";

const none = "";
const secondsText = (value: number): string => `${value.toFixed(value < 1 ? 3 : 2)} s`;
const percentText = (perByte: number): string => `${((perByte - 1) * 100).toFixed(1)} %`;
const timesText = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ×`;
const median = (summary: Summary | undefined, text: (value: number) => string): string =>
  summary === undefined ? none : text(summary.median);

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Fast and slow, small and large of everyone on one screen. Memory and what it costs besides are of the largest size. */
export function shortTable(results: Results): string {
  const sizes = sizesIn(results);
  const largest = sizes.at(-1) ?? 0;
  const head = [
    none,
    ...sizes.map((size) => `${size} MiB`),
    "added in",
    "peak memory, receiver / sender",
    "on the wire besides",
  ];
  const rows = peersIn(results).map((peer) => {
    const at = (value: Value): Summary | undefined => summaryOf(results, peer, largest, value);
    const memory = [receiverMegabytes, senderMegabytes].map((value) => median(at(value), (mb) => mb.toFixed(0)));
    return [
      nameInTable(peer),
      ...sizes.map((size) => timeCell(results, peer, size)),
      median(at(ingestSeconds), secondsText),
      at(seconds) === undefined ? none : `${memory.join(" / ")} MB`,
      results.session.isAlone ? median(at(wirePerByte), percentText) : none,
    ];
  });
  return `${markdownTable(head, rows)}\n\n${captionOf(results, largest)}`;
}

function nameInTable(peer: string): string {
  const { title, encrypts } = contenderOf(peer);
  if (peer === ourName) return `**${title}**`;
  return encrypts === "nothing" ? `${title}, not encrypted` : title;
}

function timeCell(results: Results, peer: string, sizeMiB: number): string {
  const time = median(summaryOf(results, peer, sizeMiB, seconds), secondsText);
  const ratio = peer === ourName ? undefined : timesOurs(results, peer, sizeMiB, seconds);
  return ratio === undefined ? time : `${time} (${timesText(ratio.median)})`;
}

function captionOf(results: Results, largest: number): string {
  const { session } = results;
  const rounds = session.rounds === 1 ? "One round" : `Medians of ${session.rounds} interleaved rounds`;
  const sentences = [
    `${rounds} between two processes on loopback, stores on disk: from asking until the file is verified and flushed; in brackets how many times ours, within a round.`,
    `The last three columns are of ${largest} MiB.`,
    `${session.processor}, Node ${session.node}, ${session.date}.`,
    ...disturbedText(results),
  ];
  return sentences.join(" ");
}

/** No figure pretends that the machine was quiet when it was not. */
function disturbedText(results: Results): string[] {
  const chosen = sizesIn(results).flatMap((size) =>
    peersIn(results).flatMap((peer) => chosenRuns(results, peer, size)),
  );
  const noisy = chosen.filter(({ isNoisy }) => isNoisy).length;
  return [
    ...(noisy === 0 ? [] : [`${noisy} of ${chosen.length} runs were disturbed by other work on the machine.`]),
    ...(results.failed.length === 0 ? [] : [`${results.failed.length} runs failed.`]),
    ...(results.session.isAlone ? [] : ["Bytes on the wire are not told: others used loopback, too."]),
  ];
}

export function longTable(results: Results): string {
  const head = [
    "contender",
    "MiB",
    "rounds",
    "seconds, median",
    "min to max",
    "times ours",
    "setup in it",
    "times ours without it",
    "MB/s",
    "added in",
    "peak MB, receiver / sender",
    "receiver's before asking",
    "CPU s, receiver / sender",
    "disk besides",
    "wire besides",
  ];
  const rows = sizesIn(results).flatMap((size) =>
    peersIn(results).flatMap((peer) => {
      const runs = chosenRuns(results, peer, size);
      return runs.length === 0 ? [] : [longRow(results, peer, size, runs)];
    }),
  );
  return markdownTable(head, rows);
}

function longRow(results: Results, peer: string, sizeMiB: number, runs: readonly Run[]): string[] {
  const of = (value: Value): Summary => summarise(runs.map(value));
  const time = of(seconds);
  const noisy = runs.filter(({ isNoisy }) => isNoisy).length;
  const setup = runs.some(({ setupSeconds }) => setupSeconds !== undefined);
  const ratio = (value: Value): string =>
    peer === ourName ? none : median(timesOurs(results, peer, sizeMiB, value), (times) => times.toFixed(2));
  const pair = (first: Value, second: Value, digits: number): string =>
    [first, second].map((value) => of(value).median.toFixed(digits)).join(" / ");
  return [
    contenderOf(peer).title,
    String(sizeMiB),
    noisy === 0 ? String(runs.length) : `${runs.length}, ${noisy} noisy`,
    time.median.toFixed(3),
    `${time.min.toFixed(3)} to ${time.max.toFixed(3)}`,
    ratio(seconds),
    setup ? of((run) => run.setupSeconds ?? 0).median.toFixed(3) : none,
    setup ? ratio(secondsAfterSetup) : none,
    (megabytes(fileBytesOf({ sizeMiB })) / time.median).toFixed(1),
    of(ingestSeconds).median.toFixed(3),
    pair(receiverMegabytes, senderMegabytes, 0),
    of((run) => megabytes(run.receiverStartRssBytes)).median.toFixed(0),
    pair(
      (run) => run.receiverCpuSeconds,
      (run) => run.senderCpuSeconds,
      2,
    ),
    percentText(of(diskPerByte).median),
    results.session.isAlone ? percentText(of(wirePerByte).median) : none,
  ];
}

export function contenderTable(results: Results): string {
  const names = peersIn(results);
  const rows = contenders
    .filter(({ name }) => names.includes(name))
    .map(({ name, title, encrypts, verifies, remark }) => [
      title,
      results.session.versions[name] ?? none,
      encrypts,
      verifies,
      remark,
    ]);
  return markdownTable(["contender", "version", "encrypts", "verifies", "the clock, and what else"], rows);
}

export function goalList(results: Results): string {
  return judgeGoals(results)
    .map(({ text }) => `- ${text}`)
    .join("\n");
}

/** As the bench's own: figure, unit, median, min, max, runs. */
export function jsonLines(results: Results): string[] {
  const isResume = results.session.killAt !== undefined;
  const figures: readonly (readonly [name: string, unit: string, value: Value])[] = isResume
    ? [["sent", "x file", sentInAll]]
    : [
        ["fetch", "s", seconds],
        ["attach", "s", ingestSeconds],
        ["rss-receiver", "MB", receiverMegabytes],
        ["rss-sender", "MB", senderMegabytes],
        ["wire", "x file", wirePerByte],
        ["disk", "x file", diskPerByte],
      ];
  return sizesIn(results).flatMap((sizeMiB) =>
    peersIn(results).flatMap((peer) => {
      const line = (name: string, unit: string, summary: Summary | undefined): string[] =>
        summary === undefined ? [] : [JSON.stringify({ figure: `${peer}/${name}/${sizeMiB}MiB`, unit, ...summary })];
      const all = figures.flatMap(([name, unit, value]) => line(name, unit, summaryOf(results, peer, sizeMiB, value)));
      if (peer === ourName || isResume) return all;
      return [...all, ...line("fetch-times-ours", "x ours", timesOurs(results, peer, sizeMiB, seconds))];
    }),
  );
}
