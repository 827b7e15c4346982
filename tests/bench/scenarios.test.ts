/**
 * Three scenarios that use most of the bench's parts, each as small as it can be: that it runs, proves what arrived, and
 * gives the figures that are said to come from it. The numbers mean nothing here. Each process takes a quarter of a
 * second to start, so the other scenarios are left to the bench, which makes the same demand of them.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildUnchecked, cacheFolder } from "./build.ts";
import { figuresOf, type ScenarioName } from "./figures.ts";
import { resume } from "./scenarios/resume.ts";
import type { FixedScenario, Scenario, Values } from "./scenarios/scenario.ts";
import { small } from "./scenarios/small.ts";
import { transfer } from "./scenarios/transfer.ts";
import { makeSource } from "./source-file.ts";

const test = suite("bench: scenarios");

mkdirSync(cacheFolder, { recursive: true });
/** Below node_modules, so that the packages are found. */
const folder = mkdtempSync(join(cacheFolder, "test-"));
const built = buildUnchecked(join(folder, "library"));
const sharedFolder = join(folder, "shared");
mkdirSync(sharedFolder);
test.after(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
const newFolder = (): string => {
  const path = join(folder, `${++runs}`);
  mkdirSync(path);
  return path;
};

const sized = (scenario: Scenario, sizeMiB: number): Promise<Values> => {
  const runFolder = newFolder();
  return scenario({ built, folder: runFolder, source: makeSource(runFolder, sizeMiB), profileFolder: undefined });
};

const fixed = (scenario: FixedScenario): Promise<Values> =>
  scenario({ built, folder: newFolder(), sharedFolder, profileFolder: undefined });

function assertGives(name: ScenarioName, values: Values): void {
  assert.equal(Object.keys(values).sort(), figuresOf(name).sort(), name);
  for (const [figure, value] of Object.entries(values)) assert.ok(Number.isFinite(value), `${figure}: ${value}`);
}

test("one file between two processes", async () => {
  assertGives("transfer", await sized(transfer, 1));
});

test("a receiver that is killed at half has less than all and is complete afterwards", async () => {
  // Large enough that the kill comes before the end.
  const values = await sized(resume, 8);
  assertGives("resume", values);
  assert.ok((values["resume-held"] ?? 100) < 100, "it was killed before it had everything");
});

test("small files", async () => {
  assertGives("small", await fixed(small(10, 500_000)));
});

test.run();
