/** Each step's profiles go to a folder of its own, when profiles are asked for. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { SectionName } from "./lines.ts";
import type { Measurement } from "./measurement.ts";
import { stepName } from "./steps.ts";

export function stepFolder(measurement: Measurement, section: SectionName, n: number): Measurement {
  const { run } = measurement;
  if (run.profileFolder === undefined) return measurement;
  const profileFolder = join(run.profileFolder, stepName(section, n));
  mkdirSync(profileFolder, { recursive: true });
  return { ...measurement, run: { ...run, profileFolder } };
}
