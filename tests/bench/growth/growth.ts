/**
 * How cost grows: `npm run bench:growth`. What it draws and what that says: docs/GROWTH.md.
 *
 * Against the size of a file, the attachments in a store, and the wants that are active at once: time, CPU and peak
 * memory of real processes with stores on disk, through the public API. Every line is expected to be straight; those
 * that are not are told at the end.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Built } from "../build.ts";
import { loadText, machineLines } from "../machine.ts";
import { helpText, parseArguments, type GrowthArguments } from "./arguments.ts";
import { measureByAttachments } from "./by-attachments.ts";
import { measureBySize } from "./by-size.ts";
import { measureByWants } from "./by-wants.ts";
import type { SectionName } from "./lines.ts";
import { Samples, type Measurement } from "./measurement.ts";
import { report } from "./report.ts";
import { mergeResults, readResults, writeResults, type Section } from "./results.ts";
import { quickSteps, steps } from "./steps.ts";

const resultsPath = fileURLToPath(new URL("results.jsonl", import.meta.url));

const measures: Readonly<Record<SectionName, (measurement: Measurement) => Promise<void>>> = {
  size: measureBySize,
  attachments: measureByAttachments,
  wants: measureByWants,
};

process.exitCode = await main().catch((thrown: unknown) => {
  process.stderr.write(
    `bench:growth: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`,
  );
  return 1;
});

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const read = parseArguments(words);
  if ("help" in read) {
    process.stdout.write(helpText);
    return 0;
  }
  if ("problem" in read) {
    process.stderr.write(`bench:growth: ${read.problem}\n${helpText}`);
    return 2;
  }
  for (const line of machineLines()) tell(read, line);
  const built = build(read.libraryFolder, (line) => tell(read, line));
  const out = outOf(read);
  const sections: Section[] = [];
  for (const name of read.sections) {
    const section = await measure(read, built, name);
    sections.push(section);
    // At once: what comes after may fail.
    if (out !== undefined) save(out, section);
    if (read.isJson) for (const figure of section.figures) process.stdout.write(`${JSON.stringify(figure)}\n`);
  }
  tell(read, `\n${sections.map(report).join("\n\n")}\n\n${loadText()} at the end`);
  return 0;
}

/** With --json the figures alone are on standard output. */
function tell({ isJson }: GrowthArguments, line: string): void {
  (isJson ? process.stderr : process.stdout).write(`${line}\n`);
}

async function measure(read: GrowthArguments, built: Built, name: SectionName): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-growth-"));
  const startedAtMs = performance.now();
  const another = read.libraryFolder === undefined ? [] : ["another build than this commit's was measured"];
  const machine = [...machineLines(), ...another];
  const samples = new Samples(name);
  const profileFolder = read.profileFolder === undefined ? undefined : join(resolve(read.profileFolder), name);
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
  try {
    await measures[name]({
      run: { built, folder, profileFolder },
      steps: read.steps ?? (read.isQuick ? quickSteps : steps)[name],
      isQuick: read.isQuick,
      samples,
      tell: (line) => tell(read, `${secondsSince(startedAtMs).toFixed(0).padStart(4)} s  ${line}`),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  const seconds = Math.round(secondsSince(startedAtMs));
  const command = `npm run bench:growth${read.isQuick ? " -- --quick" : ""}`;
  return { section: name, machine, command, seconds, figures: samples.figures() };
}

function secondsSince(startedAtMs: number): number {
  return (performance.now() - startedAtMs) / 1000;
}

/** A quick pass must not take the place of a full one, nor another library's, nor one with the profiler's time in it. */
function outOf(read: GrowthArguments): string | undefined {
  if (read.profileFolder !== undefined) return undefined;
  return read.out ?? (read.isQuick || read.libraryFolder !== undefined ? undefined : resultsPath);
}

function save(path: string, section: Section): void {
  const old = existsSync(path) ? readResults(readFileSync(path, "utf8")) : [];
  writeFileSync(path, writeResults(mergeResults(old, [section])));
}
