/** What decides whether a line is straight, and the names and the file that its points are kept under. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseArguments } from "./arguments.ts";
import { fitAboveFloor, judge, slopeOf, type Point } from "./fit.ts";
import { lines, type Line } from "./lines.ts";
import { Samples } from "./measurement.ts";
import { report } from "./report.ts";
import { linesIn, mergeResults, readResults, writeResults, type Section } from "./results.ts";
import { quickSteps, stepName, stepOf, steps } from "./steps.ts";

const growth = suite("bench: growth");

const lineOf = (expected: Line["expected"], free?: number): Line => {
  const line: Line = { name: "x", section: "size", aspect: "time", unit: "s", label: "x", expected };
  return free === undefined ? line : { ...line, free };
};
const pointsOf = (cost: (n: number) => number): Point[] =>
  [1, 10, 100, 1000, 3000, 10_000].map((n) => ({ n, cost: cost(n) }));
const near = (actual: number | undefined, expected: number): void =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 0.02, `${actual} is not near ${expected}`);

growth("a power of n has its exponent as slope", () => {
  near(slopeOf(pointsOf((n) => 3 * n)), 1);
  near(slopeOf(pointsOf((n) => 0.5 * n ** 1.5)), 1.5);
  near(slopeOf(pointsOf(() => 7)), 0);
  assert.is(slopeOf([{ n: 1, cost: 1 }]), undefined);
});

growth("a fixed cost does not flatten the slope of what is above it", () => {
  near(fitAboveFloor(pointsOf((n) => 50 + n)).slope, 1);
  near(fitAboveFloor(pointsOf((n) => 50 + n ** 2)).slope, 2);
});

growth("in proportion is straight, with a fixed cost and without; n log n just about; a square is not", () => {
  const isStraight = (cost: (n: number) => number): boolean => judge(lineOf("proportion"), pointsOf(cost)).isStraight;
  assert.ok(isStraight((n) => 2 * n));
  assert.ok(isStraight((n) => 50 + n));
  assert.ok(isStraight((n) => 50 + n ** 0.5));
  assert.ok(isStraight(() => 50));
  assert.not.ok(isStraight((n) => n ** 1.2));
  assert.not.ok(isStraight((n) => 50 + n ** 2));
  assert.match(
    judge(
      lineOf("proportion"),
      pointsOf((n) => n ** 2),
    ).text,
    /^grows faster than linear: slope 2\.00/,
  );
});

growth("what bends at its end alone is seen", () => {
  // A square that overtakes the rest in the last factor of ten.
  const bent = pointsOf((n) => n + n ** 2 / 3000);
  assert.not.ok(judge(lineOf("proportion"), bent).isStraight);
});

growth("flat is flat from its lowest point on, and may do as it likes where nobody notices", () => {
  const verdict = (cost: (n: number) => number, free?: number) => judge(lineOf("flat", free), pointsOf(cost));
  assert.ok(verdict(() => 3).isStraight);
  assert.ok(verdict((n) => 3 + 10 / n).isStraight);
  assert.not.ok(verdict((n) => 3 + n / 100).isStraight);
  assert.match(verdict((n) => 3 + n / 100).text, /^grows, and should be flat: 34\.\d × its lowest/);
  assert.ok(verdict((n) => 3 + n / 100, 200).isStraight);
});

growth("too few points say nothing", () => {
  const two = [
    { n: 1, cost: 1 },
    { n: 10, cost: 1000 },
  ];
  assert.ok(judge(lineOf("proportion"), two).isStraight);
});

growth("a step's name leads back to its number", () => {
  for (const section of ["size", "attachments", "wants"] as const) {
    for (const { n } of [...steps[section], ...quickSteps[section]])
      assert.is(stepOf(section, stepName(section, n)), n);
  }
  assert.is(stepName("size", 1e7), "10MB");
  assert.is(stepName("size", 2e9), "2GB");
  assert.is(stepName("attachments", 10_000), "10000attachments");
  assert.is(stepOf("wants", "10000attachments"), undefined);
  assert.is(stepOf("size", "10parsecs"), undefined);
});

growth("steps go upwards and reach what was promised", () => {
  const last = (section: keyof typeof steps): number | undefined => steps[section].at(-1)?.n;
  for (const each of [...Object.values(steps), ...Object.values(quickSteps)])
    assert.ok(each.every(({ n, runs }, i) => runs > 0 && n > (each[i - 1]?.n ?? 0)));
  assert.equal([last("size"), last("attachments"), last("wants")], [2e9, 100_000, 1000]);
});

growth("every line has a name of its own", () => {
  assert.is(new Set(lines.map(({ name }) => name)).size, lines.length);
});

const sectionOf = (section: Section["section"], machine: string): Section => {
  const samples = new Samples(section);
  const name = lines.find((line) => line.section === section)?.name ?? "";
  for (const { n } of steps[section]) samples.add(name, n, n, 2 * n, 4 * n);
  return { section, machine: [machine], command: "c", seconds: 1, figures: samples.figures() };
};

growth("results are read as they were written, and sections replaced one by one", () => {
  const [size, wants] = [sectionOf("size", "a"), sectionOf("wants", "a")];
  assert.equal(readResults(writeResults([size, wants])), [size, wants]);
  const attachments = sectionOf("attachments", "b");
  const again = sectionOf("wants", "b");
  assert.equal(mergeResults([size, wants], [attachments, again]), [size, attachments, again]);
  assert.throws(() => readResults('{"figure":"grow-fetch/1KB"}\n'), /before the machine/);
});

growth("a figure has exactly the fields that were promised", () => {
  const [, line = ""] = writeResults([sectionOf("size", "a")]).split("\n");
  const expected = { figure: "grow-attach/1KB", unit: "s", median: 2000, min: 1000, max: 4000, runs: 3 };
  assert.equal(JSON.parse(line), expected);
});

growth("a report tells which lines are not straight", () => {
  assert.match(report(sectionOf("size", "a")), /size: every line that has points enough is straight$/);
  const [measured] = linesIn(sectionOf("wants", "a"));
  assert.equal(measured?.points[0], { n: 1, cost: 2, min: 1, max: 4 });
  assert.match(report(sectionOf("wants", "a")), /not straight: grow-wants$/);
});

growth("what was not measured is no figure", () => {
  assert.throws(() => new Samples("size").add("grow-fetch", 1e3, Number.NaN), /was not measured/);
  assert.throws(() => new Samples("size").add("grow-wants", 1, 1), /no line is called/);
});

growth("a wrong option is told by name", () => {
  const read = parseArguments(["--quick", "--only=wants"]);
  assert.ok("sections" in read && read.isQuick);
  assert.equal("sections" in read ? read.sections : [], ["wants"]);
  const steps = parseArguments(["--only=size", "--steps=1000,5000"]);
  assert.equal("steps" in steps ? steps.steps : undefined, [
    { n: 1000, runs: 1 },
    { n: 5000, runs: 1 },
  ]);
  for (const word of ["--only=speed", "--fast", "--steps=1,2", "--steps=2,1", "--steps=x"]) {
    const wrong = parseArguments([word]);
    assert.ok("problem" in wrong && wrong.problem.includes(word.split("=")[0] ?? ""), word);
  }
});

growth.run();
