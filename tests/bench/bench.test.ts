/** The bench's own arithmetic and names; that its scenarios run is tested in scenarios.test.ts. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseArguments } from "./arguments.ts";
import { figureOf, figures, measurementsOf, nameOf, scenariosOf, type Measurement } from "./figures.ts";
import { smallBytesInAll, smallBytesMax, smallBytesMin, smallFiles } from "./limits.ts";
import { isMissed, jsonLine, table, type Reported } from "./report.ts";
import { Samples } from "./samples.ts";
import { smallSizes } from "./small-mix.ts";
import { medianInterval, percentile, summarise } from "./statistics.ts";

const bench = suite("bench");

const measurementOf = (name: string): Measurement => {
  const found = measurementsOf([5, 50, 500]).find((each) => nameOf(each) === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found;
};

const reported = (name: string, samples: readonly number[]): Reported => ({
  ...measurementOf(name),
  summary: summarise(samples),
});

bench("the median of an odd number of runs is one of them, of an even number between two", () => {
  assert.equal(summarise([3, 1, 2]), { median: 2, min: 1, max: 3, runs: 3 });
  assert.equal(summarise([4, 1, 10, 2]), { median: 3, min: 1, max: 10, runs: 4 });
});

bench("numbers are sorted as numbers, and a run that gave none is not counted", () => {
  assert.is(summarise([9, 10, 100]).median, 10);
  assert.equal(summarise([9, Number.NaN, 10, 100]), { median: 10, min: 9, max: 100, runs: 3 });
  assert.is(summarise([]).runs, 0);
});

bench("a percentile is a sample, and the last one at most", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(
    [1, 50, 99, 100].map((percent) => percentile(hundred, percent)),
    [1, 50, 99, 100],
  );
  assert.is(percentile([7], 99), 7);
  assert.ok(Number.isNaN(percentile([], 50)));
});

bench("the interval of a median is between samples, wide enough for its confidence", () => {
  assert.equal(medianInterval([5, 1, 3, 2, 4]), { median: 3, low: 1, high: 5, confidence: 1 - 2 / 32 });
  // Of ten the outermost may go: 1 - 2 × (1 + 10) / 1024.
  const ten = medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal([ten.low, ten.high], [2, 9]);
  assert.ok(Math.abs(ten.confidence - (1 - 22 / 1024)) < 1e-12);
  assert.is(medianInterval([1]).confidence, 0);
});

bench("options come with = or with a space", () => {
  const expected = { sizesMiB: [50], runs: 3, only: ["fetch/50MiB"], isJson: true, isStrict: false };
  for (const words of [
    ["--only=fetch/50MiB", "--runs=3", "--json"],
    ["--only", "fetch/50MiB", "--runs", "3", "--json"],
  ]) {
    const read = parseArguments(words);
    for (const [name, value] of Object.entries(expected)) assert.equal(read[name as keyof typeof read], value, name);
  }
});

bench("sizes are those that are asked for, or else those that --only names, or else two", () => {
  const sizes = (...words: string[]): unknown => {
    const read = parseArguments(words);
    return "sizesMiB" in read ? read.sizesMiB : read;
  };
  assert.equal(sizes(), [5, 50]);
  assert.equal(sizes("--only=small"), [5, 50]);
  assert.equal(sizes("--only=rss/500MiB,fetch/5MiB"), [500, 5]);
  assert.equal(sizes("--only=rss/500MiB", "--size=1"), [1]);
});

bench("--against needs no commit", () => {
  const against = (...words: string[]): unknown => (parseArguments(words) as { against?: string }).against;
  assert.is(against(), undefined);
  assert.is(against("--against", "--json"), "");
  assert.is(against("--against=HEAD~2"), "HEAD~2");
});

bench("a wrong option is told by name", () => {
  for (const word of ["--size=0", "--size=5,", "--size=1.5", "--runs=0", "--fast"]) {
    const read = parseArguments([word]);
    assert.ok("problem" in read && read.problem.includes(word.split("=")[0] ?? ""), word);
  }
  const read = parseArguments(["--library=dist", "--save-baseline"]);
  assert.ok("problem" in read && read.problem.includes("--save-baseline"));
});

bench("a figure's full name is part of no other's, so it chooses just that one", () => {
  const names = measurementsOf([5, 50, 500]).map(nameOf);
  for (const name of names)
    assert.equal(
      names.filter((each) => each.includes(name)),
      [name],
    );
});

bench("a ratio runs what it compares, and is taken within each round", () => {
  assert.equal(scenariosOf(figureOf("fetch-to-bare")), ["transfer", "bare-socket"]);
  const samples = new Samples();
  for (const [round, value] of [6, 8, 9].entries()) samples.put("fetch/50MiB", round, value);
  // A round of the floor failed.
  samples.put("bare-socket/50MiB", 0, 2);
  samples.put("bare-socket/50MiB", 2, 3);
  assert.equal(samples.of(measurementOf("fetch-to-bare/50MiB")), [3, Number.NaN, 3]);
});

bench("a goal is missed above it, and belongs to its subject", () => {
  assert.not.ok(isMissed(reported("fetch/50MiB", [3])));
  assert.ok(isMissed(reported("fetch/50MiB", [3.001])));
  assert.not.ok(isMissed(reported("fetch/5MiB", [100])));
  assert.match(table([reported("wire/50MiB", [1.2])]), /wire\/50MiB +1\.200 .*<= 1\.045: not met/);
});

bench("where more is better a goal is missed below it, and without a run it is missed", () => {
  assert.not.ok(isMissed(reported("small/1000files", [400])));
  assert.ok(isMissed(reported("small/1000files", [399])));
  assert.ok(isMissed(reported("small/1000files", [])));
});

bench("what must never happen is judged by the worst run", () => {
  assert.ok(isMissed(reported("held-sender/1000wants", [1, 1, 31])));
  assert.not.ok(isMissed(reported("control/1000wants", [1, 1, 31])));
});

bench("a goal is for a subject that its figure can have", () => {
  for (const { name, subject, goals = {} } of figures)
    for (const goal of Object.keys(goals))
      assert.ok(subject === undefined ? /^\d+MiB$/.test(goal) : goal === subject, `${name}: ${goal}`);
});

bench("a line of JSON has exactly the fields that were promised", () => {
  const line: unknown = JSON.parse(jsonLine(reported("fetch/50MiB", [2, 1, 3])));
  assert.equal(line, { figure: "fetch/50MiB", unit: "s", median: 2, min: 1, max: 3, runs: 3 });
});

bench("the small files are a thousand, 60 MB in all, all within their bounds, and mixed", () => {
  const sizes = smallSizes(smallFiles, smallBytesInAll);
  assert.is(sizes.length, smallFiles);
  assert.is(
    sizes.reduce((total, size) => total + size, 0),
    smallBytesInAll,
  );
  assert.ok(sizes.every((size) => size >= smallBytesMin && size <= smallBytesMax));
  assert.equal([Math.min(...sizes), Math.max(...sizes)], [smallBytesMin, smallBytesMax]);
  // No tenth of them is all small or all large.
  for (let at = 0; at < sizes.length; at += 100) {
    const mean = sizes.slice(at, at + 100).reduce((total, size) => total + size, 0) / 100;
    assert.ok(mean > 45_000 && mean < 75_000, `${mean} from ${at} on`);
  }
});

bench.run();
