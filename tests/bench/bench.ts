/**
 * The benchmark: `npm run bench`. How it measures, and what it measured last: docs/BENCHMARKS.md.
 *
 * Every run is fresh: new processes, new stores, new keys. The scenarios take turns within each round, the floors among
 * them, so that whatever else the machine does falls on all of them; ratios are taken within a round. What arrived is
 * compared with what was sent outside the timed part.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { helpText, parseArguments, type BenchArguments } from "./arguments.ts";
import { build, type Built } from "./build.ts";
import { figureName, figures, scenariosOf, type Figure, type ScenarioName } from "./figures.ts";
import { loadText, machineLines } from "./machine.ts";
import { profileReport } from "./profile-report.ts";
import { isMissed, jsonLine, table, type Reported } from "./report.ts";
import { bareAttach, bareReceive, bareSocket } from "./scenarios/bare.ts";
import { inProcess } from "./scenarios/in-process.ts";
import type { Run, Scenario, Values } from "./scenarios/scenario.ts";
import { transfer } from "./scenarios/transfer.ts";
import { makeSource } from "./source-file.ts";
import { summarise } from "./statistics.ts";

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  "in-process": inProcess,
  transfer,
  "bare-attach": bareAttach,
  "bare-receive": bareReceive,
  "bare-socket": bareSocket,
};

interface Wanted {
  readonly figure: Figure;
  readonly sizeMiB: number;
}

/** By full name, one for each round. */
type Samples = Map<string, number[]>;

process.exitCode = await main().catch((thrown: unknown) => {
  process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  return 1;
});

async function main(): Promise<number> {
  const read = parseArguments(process.argv.slice(2));
  if ("help" in read) {
    process.stdout.write(helpText);
    return 0;
  }
  const problem = "problem" in read ? read.problem : undefined;
  const wanted = "problem" in read ? [] : wantedOf(read);
  if ("problem" in read || wanted.length === 0) {
    process.stderr.write(`bench: ${problem ?? "no figure has such a name"}\n${helpText}`);
    return 2;
  }
  for (const line of machineLines()) tell(read, line);
  if (read.libraryFolder !== undefined) tell(read, `measured is ${read.libraryFolder}`);
  const built = build(read.libraryFolder, (line) => tell(read, line));
  const samples = await runAll(read, wanted, built);
  const reported = wanted.map((each) => ({ ...each, summary: summarise(valuesOf(each, samples)) }));
  report(read, reported);
  tell(read, `${loadText()} at the end`);
  return read.isStrict && reported.some(isMissed) ? 1 : 0;
}

/** With --json the figures alone are on standard output. */
function tell({ isJson }: BenchArguments, line: string): void {
  (isJson ? process.stderr : process.stdout).write(`${line}\n`);
}

function wantedOf({ sizesMiB, only }: BenchArguments): Wanted[] {
  const all = figures.flatMap((figure) => sizesMiB.map((sizeMiB) => ({ figure, sizeMiB })));
  return all.filter(({ figure, sizeMiB }) => figureName(figure.name, sizeMiB).includes(only));
}

async function runAll(read: BenchArguments, wanted: readonly Wanted[], built: Built): Promise<Samples> {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-bench-"));
  const samples: Samples = new Map();
  try {
    const sizesMiB = [...new Set(wanted.map(({ sizeMiB }) => sizeMiB))];
    const sources = sizesMiB.map((sizeMiB) => [sizeMiB, makeSource(folder, sizeMiB)] as const);
    for (let round = 1; round <= read.runs; round++) {
      for (const [sizeMiB, source] of sources) {
        for (const name of scenariosFor(wanted, sizeMiB)) {
          tell(read, `run ${round} of ${read.runs}: ${name}, ${sizeMiB} MiB`);
          const values = await runOnce(name, { built, source, folder, profileFolder: undefined });
          for (const [figure, value] of Object.entries(values)) put(samples, figureName(figure, sizeMiB), value);
        }
      }
    }
    // Runs of their own: the profiler takes some of the time that it measures.
    for (const [sizeMiB, source] of read.profileFolder === undefined ? [] : sources) {
      const profileFolder = profileFolderOf(read, sizeMiB);
      mkdirSync(profileFolder, { recursive: true });
      for (const name of scenariosFor(wanted, sizeMiB)) await runOnce(name, { built, source, folder, profileFolder });
    }
    return samples;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In a folder of its own within the bench's. */
async function runOnce(name: ScenarioName, run: Run): Promise<Values> {
  const folder = join(run.folder, "run");
  mkdirSync(folder);
  try {
    return await scenarios[name]({ ...run, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function profileFolderOf({ profileFolder = "" }: BenchArguments, sizeMiB: number): string {
  return join(resolve(profileFolder), `${sizeMiB}MiB`);
}

function scenariosFor(wanted: readonly Wanted[], sizeMiB: number): ScenarioName[] {
  const names = wanted.filter((each) => each.sizeMiB === sizeMiB).flatMap(({ figure }) => scenariosOf(figure));
  return [...new Set(names)];
}

function put(samples: Samples, name: string, value: number): void {
  const values = samples.get(name) ?? [];
  values.push(value);
  samples.set(name, values);
}

function valuesOf({ figure, sizeMiB }: Wanted, samples: Samples): readonly number[] {
  const of = (name: string): readonly number[] => samples.get(figureName(name, sizeMiB)) ?? [];
  if (typeof figure.from === "string") return of(figure.name);
  const under = of(figure.from.to);
  return of(figure.from.ratioOf).map((value, round) => value / (under[round] ?? Number.NaN));
}

function report(read: BenchArguments, reported: readonly Reported[]): void {
  if (read.isJson) for (const each of reported) process.stdout.write(`${jsonLine(each)}\n`);
  else process.stdout.write(`\n${table(reported)}\n`);
  if (read.profileFolder === undefined) return;
  for (const sizeMiB of new Set(reported.map((each) => each.sizeMiB)))
    tell(read, `\n${profileReport(profileFolderOf(read, sizeMiB))}`);
}
