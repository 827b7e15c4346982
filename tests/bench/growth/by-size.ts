/** Against the size of a file: the suite's own transfer between two processes, from a kilobyte to gigabytes. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { transfer } from "../scenarios/transfer.ts";
import { makeSourceOf } from "../source-file.ts";
import type { Measurement } from "./measurement.ts";
import { stepName } from "./steps.ts";

/** The lines by the transfer's own names. */
const figures = {
  attach: "grow-attach",
  fetch: "grow-fetch",
  read: "grow-read",
  "attach-cpu": "grow-attach-cpu",
  "fetch-cpu-receiver": "grow-fetch-cpu-receiver",
  "fetch-cpu-sender": "grow-fetch-cpu-sender",
  "rss-sender": "grow-rss-sender",
  "rss-receiver": "grow-rss-receiver",
};

export async function measureBySize({ run, steps, samples, tell }: Measurement): Promise<void> {
  for (const { n, runs } of steps) {
    const name = stepName("size", n);
    const sourcePath = join(run.folder, "source");
    const source = makeSourceOf(sourcePath, n);
    for (let i = 1; i <= runs; i++) {
      tell(`size: ${name}, run ${i} of ${runs}`);
      const folder = join(run.folder, "run");
      mkdirSync(folder);
      const profileFolder = run.profileFolder === undefined ? undefined : join(run.profileFolder, name);
      if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
      const values = await transfer({ ...run, folder, source, profileFolder });
      for (const [from, line] of Object.entries(figures)) samples.add(line, n, values[from] ?? Number.NaN);
      rmSync(folder, { recursive: true });
    }
    rmSync(sourcePath);
  }
}
