/** Verdicts: of a run against another commit, and against what the repository remembers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { baselineLines, baselineOf, baselinePathOf, machineKey, readBaseline, saveBaseline } from "./baseline.ts";
import { compare, comparisonText } from "./compare.ts";
import { measurementsOf, nameOf, type Measurement } from "./figures.ts";
import type { Machine } from "./machine.ts";
import type { Reported } from "./report.ts";
import { Samples } from "./samples.ts";
import { summarise } from "./statistics.ts";

const test = suite("bench: compare");

const measurementOf = (name: string): Measurement => {
  const found = measurementsOf([50]).find((each) => nameOf(each) === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found;
};

const samplesOf = (name: string, values: readonly number[]): Samples => {
  const samples = new Samples();
  for (const [round, value] of values.entries()) samples.put(name, round, value);
  return samples;
};

const compared = (name: string, ours: readonly number[], base: readonly number[]) =>
  compare([measurementOf(name)], samplesOf(name, ours), samplesOf(name, base));

const verdict = (...words: Parameters<typeof compared>): string => compared(...words)[0]?.verdict ?? "";

test("the machine's bad rounds fall out: only the ratio within a round counts", () => {
  assert.is(verdict("fetch/50MiB", [1, 5, 1, 9, 1], [1, 5, 1, 9, 1]), "same");
  assert.is(verdict("fetch/50MiB", [1.1, 5.5, 1.1, 9.9, 1.1], [1, 5, 1, 9, 1]), "same");
});

test("worse by more than 15 % is told, and loudly; surely when every round says so", () => {
  assert.is(verdict("fetch/50MiB", [1.2, 6, 1.2, 11, 1.2], [1, 5, 1, 9, 1]), "worse");
  assert.is(verdict("fetch/50MiB", [1.2, 6, 1.2, 8, 1.2], [1, 5, 1, 9, 1]), "perhaps worse");
  const text = comparisonText(compared("fetch/50MiB", [1.2, 1.2, 1.2], [1, 1, 1]), "abc1234");
  assert.match(text, /^!!! fetch\/50MiB is 20 % worse than at abc1234$/m);
});

test("where more is better, less is worse", () => {
  assert.is(verdict("small/1000files", [300, 300, 300], [400, 400, 400]), "worse");
  assert.is(verdict("small/1000files", [500, 500, 500], [400, 400, 400]), "better");
  const text = comparisonText(compared("small/1000files", [200, 200, 200], [400, 400, 400]), "abc1234");
  assert.match(text, /^!!! small\/1000files is 100 % worse/m);
});

test("what the base could not do, or what was nothing, is not compared", () => {
  assert.is(verdict("fetch/50MiB", [1, 2, 3], []), "not compared");
  assert.is(verdict("resume/50MiB", [1, 2, 3], [0, 0, 0]), "not compared");
});

test("no verdict on the floors: they are the machine's", () => {
  assert.is(verdict("bare-socket/50MiB", [2, 2, 2], [1, 1, 1]), "same");
});

const machine: Machine = {
  processor: "A Processor (2)",
  cores: 2,
  memory: "8.0 GB",
  system: "Linux",
  fileSystem: "ext4",
};
const now = { machine, versions: { node: "20.20.2", ws: "8.23.0" } };
const head = { ...now, commit: "abc1234", measuredOn: "2026-01-01" };
const reported = (name: string, samples: readonly number[]): Reported => ({
  ...measurementOf(name),
  summary: summarise(samples),
});

test("a baseline belongs to a machine, and says so in its name", () => {
  assert.is(machineKey(machine), "a-processor-2-2-cores-linux-ext4");
  assert.match(baselineLines(undefined, now, [])[0] ?? "", /no baseline .*a-processor-2/);
});

test("a baseline that is saved is read again; figures that were not measured this time stay", () => {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-baseline-"));
  try {
    const path = baselinePathOf(machine, join(folder, "deeper"));
    saveBaseline(baselineOf([reported("fetch/50MiB", [1, 2, 3]), reported("read/50MiB", [1])], head), path);
    saveBaseline(baselineOf([reported("fetch/50MiB", [5]), reported("wire/50MiB", [])], head), path);
    const figures = readBaseline(path)?.figures ?? [];
    assert.equal(
      figures.map(({ figure, median }) => [figure, median]),
      [
        ["fetch/50MiB", 5],
        ["read/50MiB", 1],
      ],
    );
    // With another Node nothing of before is of any use.
    const newer = { ...head, versions: { ...now.versions, node: "22.0.0" } };
    saveBaseline(baselineOf([reported("wire/50MiB", [1.04])], newer), path);
    assert.equal(
      readBaseline(path)?.figures.map(({ figure }) => figure),
      ["wire/50MiB"],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("with other versions nothing is compared, and it says with which", () => {
  const baseline = baselineOf([reported("fetch/50MiB", [1])], head);
  const later = { machine, versions: { node: "22.0.0", ws: "8.23.0" } };
  const lines = baselineLines(baseline, later, [reported("fetch/50MiB", [9])]);
  assert.is(lines.length, 1);
  assert.match(lines[0] ?? "", /^not compared .*: node 22\.0\.0, there 20\.20\.2$/);
});

test("worse than the baseline is told when even the best run is beyond all of before", () => {
  const baseline = baselineOf([reported("fetch/50MiB", [1, 1.1, 1.2])], head);
  const told = (samples: readonly number[]): string =>
    baselineLines(baseline, now, [reported("fetch/50MiB", samples)]).join("\n");
  assert.match(
    told([1.3, 1.4, 1.5]),
    /^!!! fetch\/50MiB is 27 % worse \(1\.400 instead of 1\.100 s\) than in the baseline/,
  );
  assert.match(told([1.15, 1.4, 1.5]), /^nothing is worse/);
  assert.match(told([0.5, 0.6, 0.7]), /^nothing is worse/);
});

test.run();
