/**
 * Our build beside that of another commit, measured in the same rounds. The ratio is taken within each round, so what the
 * machine did to a round falls out of it; a verdict needs a median beyond the limit, and is sure when the whole interval
 * is on its side of 1.
 */
import { nameOf, type Figure, type Measurement } from "./figures.ts";
import { worseFactorMax } from "./limits.ts";
import type { Samples } from "./samples.ts";
import { medianInterval, type MedianInterval } from "./statistics.ts";
import { columnsOf, numberText } from "./report.ts";

export type Verdict = "worse" | "perhaps worse" | "better" | "same" | "not compared";

export interface Comparison {
  readonly measurement: Measurement;
  /** Ours for each of theirs, within rounds. */
  readonly ratio: MedianInterval;
  readonly verdict: Verdict;
}

export function compare(measurements: readonly Measurement[], ours: Samples, base: Samples): Comparison[] {
  return measurements.map((measurement) => {
    const theirs = base.of(measurement);
    const ratios = ours.of(measurement).map((value, round) => ratioOf(value, theirs[round] ?? Number.NaN));
    const ratio = medianInterval(ratios);
    return { measurement, ratio, verdict: verdictOf(measurement.figure, ratio) };
  });
}

/** Of what is zero or below nothing can be said in multiples. */
const ratioOf = (ours: number, theirs: number): number => (ours > 0 && theirs > 0 ? ours / theirs : Number.NaN);

export function verdictOf(figure: Figure, ratio: MedianInterval): Verdict {
  if (Number.isNaN(ratio.median)) return "not compared";
  const { median, low, high } = figure.isMoreBetter ? inverse(ratio) : ratio;
  if (figure.isOnlyTold) return "same";
  if (median > worseFactorMax) return low > 1 ? "worse" : "perhaps worse";
  return median < 1 / worseFactorMax && high < 1 ? "better" : "same";
}

const inverse = ({ median, low, high, confidence }: MedianInterval): MedianInterval => ({
  median: 1 / median,
  low: 1 / high,
  high: 1 / low,
  confidence,
});

/** A table, and under it, loudly, what became worse. */
export function comparisonText(comparisons: readonly Comparison[], base: string): string {
  const rows = comparisons.map(({ measurement, ratio, verdict }) => [
    nameOf(measurement),
    ...[ratio.median, ratio.low, ratio.high].map(numberText),
    verdict === "same" ? "" : verdict,
  ]);
  const confidence = Math.max(...comparisons.map(({ ratio }) => ratio.confidence));
  const lines = [
    `ours / ${base}, within rounds; from low to high with a confidence of ${(100 * confidence).toFixed(0)} %`,
    columnsOf([["figure", "ratio", "low", "high", ""], ...rows], [1, 2, 3]),
  ];
  for (const { measurement, ratio, verdict } of comparisons) {
    if (verdict !== "worse" && verdict !== "perhaps worse") continue;
    const { median } = measurement.figure.isMoreBetter ? inverse(ratio) : ratio;
    const percent = `${((median - 1) * 100).toFixed(0)} %`;
    const sure = verdict === "worse" ? "" : " (not sure: some rounds say otherwise; try more runs)";
    lines.push(`!!! ${nameOf(measurement)} is ${percent} worse than at ${base}${sure}`);
  }
  return lines.join("\n");
}
