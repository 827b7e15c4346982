/**
 * Runs the scenarios in turns, round after round, the floors among them, so that whatever else the machine does falls on
 * all of them. Two libraries take turns within each scenario, and who is first changes from round to round.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Built } from "./build.ts";
import {
  figuresOf,
  fullName,
  scenariosOf,
  type FixedScenarioName,
  type Measurement,
  type ScenarioName,
  type SizedScenarioName,
} from "./figures.ts";
import { Samples } from "./samples.ts";
import { fixedScenarios, sizedScenarios } from "./scenarios/index.ts";
import type { Run, Values } from "./scenarios/scenario.ts";
import { makeSource } from "./source-file.ts";

/** A build that is measured, and what was measured of it. */
export class Measured {
  readonly label: string;
  readonly built: Built;
  readonly samples = new Samples();
  /** By scenario and subject: why it gave nothing. */
  readonly failures = new Map<string, string>();

  constructor(label: string, built: Built) {
    this.label = label;
    this.built = built;
  }
}

export interface Rounds {
  readonly measurements: readonly Measurement[];
  readonly runs: number;
  readonly libraries: readonly Measured[];
  /** Where the profiles of one more run of each go. */
  readonly profileFolder: string | undefined;
  tell(line: string): void;
}

interface Job {
  readonly scenario: ScenarioName;
  readonly subject: string;
  readonly sizeMiB: number | undefined;
}

export async function runRounds(rounds: Rounds): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-bench-"));
  try {
    const sizes = new Set(rounds.measurements.flatMap(({ sizeMiB }) => sizeMiB ?? []));
    const sources: Sources = new Map([...sizes].map((sizeMiB) => [sizeMiB, makeSource(folder, sizeMiB)]));
    const jobs = jobsFor(rounds.measurements);
    for (let round = 0; round < rounds.runs; round++) {
      const inTurn = round % 2 === 0 ? rounds.libraries : [...rounds.libraries].reverse();
      for (const job of jobs) {
        for (const library of inTurn) {
          const whose = rounds.libraries.length > 1 ? ` of ${library.label}` : "";
          rounds.tell(`run ${round + 1} of ${rounds.runs}: ${job.scenario}, ${job.subject}${whose}`);
          await runJob(job, library, round, { folder, sources, profileFolder: undefined });
        }
      }
    }
    // Runs of their own: the profiler takes some of the time that it measures.
    for (const job of rounds.profileFolder === undefined ? [] : jobs) await profile(job, rounds, { folder, sources });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Sources = ReadonlyMap<number, Run["source"]>;

interface Place {
  readonly folder: string;
  readonly sources: Sources;
  readonly profileFolder: string | undefined;
}

/** One for each scenario and subject, in the order of the figures. */
function jobsFor(measurements: readonly Measurement[]): Job[] {
  const jobs = new Map<string, Job>();
  // All of one size before the next: what a size did to the disk's cache is the same for all of its scenarios.
  const bySize = [...measurements].sort((a, b) => (a.sizeMiB ?? 0) - (b.sizeMiB ?? 0));
  for (const { figure, subject, sizeMiB } of bySize)
    for (const scenario of scenariosOf(figure)) jobs.set(fullName(scenario, subject), { scenario, subject, sizeMiB });
  return [...jobs.values()];
}

/** Puts down what it gave, or why it gave nothing. */
async function runJob(job: Job, library: Measured, round: number, place: Place): Promise<void> {
  try {
    const values = await runOnce(job, library, place);
    const missing = figuresOf(job.scenario).filter((name) => !Number.isFinite(values[name]));
    if (missing.length > 0) throw new Error(`it gave no ${missing.join(", ")}`);
    for (const [name, value] of Object.entries(values)) library.samples.put(fullName(name, job.subject), round, value);
  } catch (thrown) {
    library.failures.set(
      fullName(job.scenario, job.subject),
      thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    );
  }
}

async function runOnce(job: Job, { built, label }: Measured, place: Place): Promise<Values> {
  const folder = join(place.folder, "run");
  const sharedFolder = join(place.folder, label);
  mkdirSync(folder);
  mkdirSync(sharedFolder, { recursive: true });
  const { profileFolder } = place;
  try {
    if (job.sizeMiB === undefined)
      return await fixedScenarios[job.scenario as FixedScenarioName]({ built, folder, sharedFolder, profileFolder });
    const source = place.sources.get(job.sizeMiB);
    if (source === undefined) throw new Error(`no source of ${job.subject} was made`);
    return await sizedScenarios[job.scenario as SizedScenarioName]({ built, folder, source, profileFolder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const profileFolderOf = (profileFolder: string, subject: string): string => join(profileFolder, subject);

async function profile(job: Job, { libraries, profileFolder = "" }: Rounds, place: Omit<Place, "profileFolder">) {
  const [library] = libraries;
  const into = profileFolderOf(profileFolder, job.subject);
  mkdirSync(into, { recursive: true });
  if (library !== undefined) await runOnce(job, library, { ...place, profileFolder: into });
}
