/** Medians: one run that something disturbed does not move them. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** Of the runs that gave a number. */
export function summarise(samples: readonly number[]): Summary {
  const sorted = sortedNumbers(samples);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1), runs: sorted.length };
}

/** The smallest sample that is at least as large as so many percent of them. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = sortedNumbers(samples);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export interface MedianInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** How often such an interval holds the true median, whatever the distribution; between 0 and 1. */
  readonly confidence: number;
}

/** Five runs, the usual number, give 94 % from the least to the greatest. More runs leave out the outermost. */
const confidenceMin = 0.9;

/**
 * Between two of the sorted samples, as narrow as the confidence allows. The true median is below the k-th with the
 * probability of fewer than k heads in n tosses of a coin (Conover, Practical Nonparametric Statistics, 3.2).
 */
export function medianInterval(samples: readonly number[]): MedianInterval {
  const sorted = sortedNumbers(samples);
  const { median } = summarise(sorted);
  let [cut, confidence] = [0, confidenceLeavingOut(0, sorted.length)];
  while (2 * (cut + 1) < sorted.length && confidenceLeavingOut(cut + 1, sorted.length) >= confidenceMin)
    confidence = confidenceLeavingOut(++cut, sorted.length);
  const [low = Number.NaN, high = Number.NaN] = [sorted[cut], sorted[sorted.length - 1 - cut]];
  return { median, low, high, confidence };
}

function confidenceLeavingOut(cut: number, count: number): number {
  let [ways, outside] = [1, 0];
  for (let heads = 0; heads <= cut; heads++) {
    outside += ways;
    ways = (ways * (count - heads)) / (heads + 1);
  }
  return Math.max(0, 1 - (2 * outside) / 2 ** count);
}

const sortedNumbers = (samples: readonly number[]): number[] =>
  samples.filter((sample) => !Number.isNaN(sample)).sort((a, b) => a - b);
