/** The bench's own arithmetic and names; what it measures is not tested here. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseArguments } from "./arguments.ts";
import { figureName, figureOf, figures, scenariosOf } from "./figures.ts";
import { isMissed, jsonLine, table, type Reported } from "./report.ts";
import { summarise } from "./statistics.ts";

const bench = suite("bench");

const reported = (name: string, sizeMiB: number, samples: readonly number[]): Reported => ({
  figure: figureOf(name),
  sizeMiB,
  summary: summarise(samples),
});

bench("the median of an odd number of runs is one of them, of an even number between two", () => {
  assert.equal(summarise([3, 1, 2]), { median: 2, min: 1, max: 3, runs: 3 });
  assert.equal(summarise([4, 1, 10, 2]), { median: 3, min: 1, max: 10, runs: 4 });
});

bench("numbers are sorted as numbers", () => {
  assert.is(summarise([9, 10, 100]).median, 10);
});

bench("options come with = or with a space", () => {
  const expected = { sizesMiB: [5, 50], runs: 3, only: "fetch/50MiB", isJson: true, isStrict: false };
  for (const words of [
    ["--only=fetch/50MiB", "--runs=3", "--json"],
    ["--only", "fetch/50MiB", "--runs", "3", "--json"],
  ]) {
    const read = parseArguments(words);
    for (const [name, value] of Object.entries(expected)) assert.equal(read[name as keyof typeof read], value, name);
  }
});

bench("a wrong option is told by name", () => {
  for (const word of ["--size=0", "--size=5,", "--size=1.5", "--runs=0", "--fast"]) {
    const read = parseArguments([word]);
    assert.ok("problem" in read && read.problem.includes(word.split("=")[0] ?? ""), word);
  }
});

bench("a figure's full name is part of no other's, so it chooses just that one", () => {
  for (const { name } of figures) {
    const chosen = figures.filter((each) => figureName(each.name, 50).includes(figureName(name, 50)));
    assert.equal(
      chosen.map((each) => each.name),
      [name],
    );
    // 5 MiB is not found in 50 MiB.
    assert.not.ok(figureName(name, 50).includes(figureName(name, 5)));
  }
});

bench("a ratio runs what it compares", () => {
  assert.equal(scenariosOf(figureOf("fetch-to-bare")), ["transfer", "bare-socket"]);
});

bench("a goal is missed above it, and belongs to its size", () => {
  assert.not.ok(isMissed(reported("fetch", 50, [3])));
  assert.ok(isMissed(reported("fetch", 50, [3.001])));
  assert.not.ok(isMissed(reported("fetch", 5, [100])));
  assert.match(table([reported("wire", 50, [1.2])]), /wire\/50MiB +1\.200 .*<= 1\.06: not met/);
});

bench("a line of JSON has exactly the fields that were promised", () => {
  const line: unknown = JSON.parse(jsonLine(reported("fetch", 50, [2, 1, 3])));
  assert.equal(line, { figure: "fetch/50MiB", unit: "s", median: 2, min: 1, max: 3, runs: 3 });
});

bench.run();
