/**
 * What was measured on a quiet machine, kept in the repository: tests/bench/baselines/<machine>.json, written by
 * `--save-baseline`. A later run on the same machine with the same versions is set beside it. Times depend on what else
 * the machine does, so this only points at something; `--against` gives a verdict.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nameOf } from "./figures.ts";
import { worseFactorMax } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { figureLine, numberText, type FigureLine, type Reported } from "./report.ts";

export interface Baseline {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  readonly measuredOn: string;
  readonly figures: readonly FigureLine[];
}

const folder = fileURLToPath(new URL("baselines/", import.meta.url));

/** What tells machines apart, in a form that a file can be named by. */
export function machineKey({ processor, cores, system, fileSystem }: Machine): string {
  const words = `${processor} ${cores} cores ${system} ${fileSystem.split(",", 1)[0]}`;
  return words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

export const baselinePathOf = (machine: Machine, within = folder): string =>
  join(within, `${machineKey(machine)}.json`);

/** Figures that were not measured this time stay as they were, when all else is the same. */
export function saveBaseline(made: Baseline, path: string): void {
  const old = readBaseline(path);
  const isSame = old !== undefined && differences(old, made).length === 0;
  const names = new Set(made.figures.map(({ figure }) => figure));
  const kept = isSame ? old.figures.filter(({ figure }) => !names.has(figure)) : [];
  const figures = [...kept, ...made.figures].sort((a, b) => (a.figure < b.figure ? -1 : 1));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${textOf({ ...made, figures })}\n`);
}

/** A figure a line, so that a change of one is a change of one line; as the formatter has it. */
function textOf({ figures, ...head }: Baseline): string {
  const lines = figures.map((figure) => `    ${JSON.stringify(figure, undefined, 1).replace(/\n\s*/g, " ")}`);
  return `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "figures": [\n${lines.join(",\n")}\n  ]\n}`;
}

export function readBaseline(path: string): Baseline | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Baseline) : undefined;
}

/** More than the machine gives, and a line stays short. */
const digits = (value: number): number => Number(value.toPrecision(4));

export function baselineOf(reported: readonly Reported[], head: Omit<Baseline, "figures">): Baseline {
  const measured = reported.filter(({ summary }) => summary.runs > 0).map(figureLine);
  const rounded = measured.map(({ figure, unit, median, min, max, runs }) => ({
    figure,
    unit,
    median: digits(median),
    min: digits(min),
    max: digits(max),
    runs,
  }));
  return { ...head, figures: rounded };
}

/** By name, what this run is not the same in; with none of them it can be compared. */
export function differences(
  baseline: Pick<Baseline, "machine" | "versions">,
  now: Pick<Baseline, "machine" | "versions">,
): string[] {
  const before = flat(baseline);
  const after = flat(now);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} ${after.get(name) ?? "none"}, there ${before.get(name) ?? "none"}`);
}

const flat = ({ machine, versions }: Pick<Baseline, "machine" | "versions">): Map<string, string> =>
  new Map(Object.entries({ ...machine, ...versions }).map(([name, value]) => [name, String(value)]));

/** Lines for people: how this run stands to the baseline, or why that cannot be said. */
export function baselineLines(
  baseline: Baseline | undefined,
  now: Pick<Baseline, "machine" | "versions">,
  reported: readonly Reported[],
): string[] {
  if (baseline === undefined) return [`no baseline for this machine (${machineKey(now.machine)})`];
  const from = `the baseline of ${baseline.measuredOn} (${baseline.commit})`;
  const different = differences(baseline, now);
  if (different.length > 0) return [`not compared with ${from}: ${different.join("; ")}`];
  const worse = reported.filter(({ figure }) => !figure.isOnlyTold).flatMap((each) => worseLine(each, baseline));
  return worse.length > 0 ? worse.map((line) => `${line} than in ${from}`) : [`nothing is worse than in ${from}`];
}

/** Beyond the limit in its median, and in every run beyond what was ever seen then. */
function worseLine(reported: Reported, { figures }: Baseline): string[] {
  const name = nameOf(reported);
  const before = figures.find(({ figure }) => figure === name);
  if (before === undefined || !(before.median > 0) || !(reported.summary.median > 0)) return [];
  const { summary, figure } = reported;
  const factor = figure.isMoreBetter ? before.median / summary.median : summary.median / before.median;
  const isBeyond = figure.isMoreBetter ? summary.max < before.min : summary.min > before.max;
  if (!(factor > worseFactorMax && isBeyond)) return [];
  const [was, is] = [before.median, summary.median].map(numberText);
  return [`!!! ${name} is ${((factor - 1) * 100).toFixed(0)} % worse (${is} instead of ${was} ${figure.unit})`];
}
