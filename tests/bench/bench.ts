/**
 * The benchmark: `npm run bench`. How it measures, and what it measured last: docs/BENCHMARKS.md.
 *
 * Every run is fresh: new processes, new stores, new keys. What arrived is compared with what was sent outside the timed
 * part.
 */
import { resolve } from "node:path";
import { helpText, parseArguments, type BenchArguments } from "./arguments.ts";
import { buildCommit, resolveCommit } from "./base-commit.ts";
import { baselineLines, baselineOf, baselinePathOf, readBaseline, saveBaseline } from "./baseline.ts";
import { build } from "./build.ts";
import { compare, comparisonText } from "./compare.ts";
import { measurementsOf, nameOf, type Measurement } from "./figures.ts";
import { currentCommit, loadText, machineLines, theseVersions, thisMachine } from "./machine.ts";
import { profileReport } from "./profile-report.ts";
import { isMissed, jsonLine, table, type Reported } from "./report.ts";
import { Measured, profileFolderOf, runRounds } from "./rounds.ts";
import { summarise } from "./statistics.ts";

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
  const measurements = "problem" in read ? [] : wantedOf(read);
  if ("problem" in read || measurements.length === 0) {
    process.stderr.write(`bench: ${problem ?? "no figure has such a name"}\n${helpText}`);
    return 2;
  }
  const say = (line: string): void => tell(read, line);
  for (const line of machineLines()) say(line);
  if (read.libraryFolder !== undefined) say(`measured is ${read.libraryFolder}`);
  const baseHash = read.against === undefined ? undefined : resolveCommit(read.against);
  const base = baseHash === undefined ? undefined : new Measured(baseHash.slice(0, 7), buildCommit(baseHash, say));
  const ours = new Measured("ours", build(read.libraryFolder, say));
  const profileFolder = read.profileFolder === undefined ? undefined : resolve(read.profileFolder);
  const libraries = base === undefined ? [ours] : [ours, base];
  await runRounds({ measurements, runs: read.runs, libraries, profileFolder, tell: say });
  const reported = measurements.map((each) => ({ ...each, summary: summarise(ours.samples.of(each)) }));
  report(read, reported, ours);
  const isWorse = base !== undefined && reportBase(read, measurements, ours, base);
  reportBaseline(read, reported);
  say(`${loadText()} at the end`);
  if (ours.failures.size > 0) return 1;
  return read.isStrict && (isWorse || reported.some(isMissed)) ? 1 : 0;
}

/** With --json the figures alone are on standard output. */
function tell({ isJson }: BenchArguments, line: string): void {
  (isJson ? process.stderr : process.stdout).write(`${line}\n`);
}

function wantedOf({ sizesMiB, only }: BenchArguments): Measurement[] {
  return measurementsOf(sizesMiB).filter((each) => only.some((part) => nameOf(each).includes(part)));
}

/** What could not be measured is told by name, and is no line of JSON. */
function report(read: BenchArguments, reported: readonly Reported[], ours: Measured): void {
  const measured = reported.filter(({ summary }) => summary.runs > 0);
  if (read.isJson) for (const each of measured) process.stdout.write(`${jsonLine(each)}\n`);
  else process.stdout.write(`\n${table(reported)}\n\n`);
  for (const [name, why] of ours.failures) tell(read, `!!! ${name} failed: ${why}`);
  if (read.profileFolder === undefined) return;
  for (const subject of new Set(reported.map((each) => each.subject)))
    tell(read, `\n${profileReport(profileFolderOf(read.profileFolder, subject))}`);
}

/** Whether something is surely worse. An older library may miss what a scenario needs: that is told, and not held against ours. */
function reportBase(
  read: BenchArguments,
  measurements: readonly Measurement[],
  ours: Measured,
  base: Measured,
): boolean {
  for (const [name, why] of base.failures)
    tell(read, `${base.label} gave nothing for ${name}: ${why.split("\n", 1)[0]}`);
  const comparisons = compare(measurements, ours.samples, base.samples);
  tell(read, comparisonText(comparisons, base.label));
  return comparisons.some(({ verdict }) => verdict === "worse");
}

function reportBaseline(read: BenchArguments, reported: readonly Reported[]): void {
  // Of another build there is none.
  if (read.libraryFolder !== undefined) return;
  const now = { machine: thisMachine(), versions: theseVersions() };
  const path = baselinePathOf(now.machine);
  if (!read.isBaselineSaved) {
    for (const line of baselineLines(readBaseline(path), now, reported)) tell(read, line);
    return;
  }
  const measuredOn = new Date().toISOString().slice(0, 10);
  saveBaseline(baselineOf(reported, { ...now, commit: currentCommit(), measuredOn }), path);
  tell(read, `saved as ${path}`);
}
