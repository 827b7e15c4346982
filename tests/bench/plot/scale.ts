/** Logarithmic axes: where a value is, and which values are written beside them. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Written out. */
  readonly ticks: readonly number[];
  /** Drawn faintly. */
  readonly minor: readonly number[];
  /** 0 at `from`, 1 at `to`. */
  at(value: number): number;
}

/** Below this many factors of ten each has room for 1, 2 and 5. */
const fineDecadesMax = 2.2;

export function logScale(from: number, to: number, ticks: "decades" | "fine" | "auto" = "auto"): Scale {
  const span = Math.log10(to / from);
  const isFine = ticks === "fine" || (ticks === "auto" && span <= fineDecadesMax);
  const within = (value: number): boolean => value >= from * 0.999 && value <= to * 1.001;
  return {
    from,
    to,
    ticks: (isFine ? steps(from, to, [1, 2, 5]) : steps(from, to, [1])).filter(within),
    minor: steps(from, to, isFine ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 5]).filter(within),
    at: (value) => Math.log10(value / from) / span,
  };
}

/** Rounded outwards to 1, 2 or 5 times a power of ten, and so wide that it spans that factor. */
export function niceRange(values: readonly number[], factorMin: number): readonly [number, number] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const widen = Math.sqrt(Math.max(1, (factorMin * least) / most));
  const candidates = steps(least / (10 * factorMin), most * 10 * factorMin, [1, 2, 5]);
  const from = candidates.filter((value) => value <= least / widen).at(-1) ?? least;
  return [from, candidates.find((value) => value >= Math.max(most, factorMin * from)) ?? most];
}

function steps(from: number, to: number, digits: readonly number[]): number[] {
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(from)) - 1; power <= Math.ceil(Math.log10(to)); power++)
    for (const digit of digits) values.push(Number(`${digit}e${power}`));
  return values;
}

/** Moves labels apart that would lie on each other, as little as possible, and keeps them between the bounds. */
export function spreadLabels(wanted: readonly number[], gap: number, least: number, most: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = order.map((i) => wanted[i] ?? 0);
  // Groups that touch share the shift, so no label is pushed further than its neighbours.
  for (let pass = 0; pass < placed.length; pass++) {
    for (let i = 1; i < placed.length; i++) {
      const overlap = gap - ((placed[i] ?? 0) - (placed[i - 1] ?? 0));
      if (overlap <= 0) continue;
      placed[i - 1] = (placed[i - 1] ?? 0) - overlap / 2;
      placed[i] = (placed[i] ?? 0) + overlap / 2;
    }
  }
  for (let i = 0; i < placed.length; i++)
    placed[i] = Math.max(placed[i] ?? 0, i === 0 ? least : (placed[i - 1] ?? 0) + gap);
  for (let i = placed.length - 1; i >= 0; i--)
    placed[i] = Math.min(placed[i] ?? 0, i === placed.length - 1 ? most : (placed[i + 1] ?? 0) - gap);
  const result = new Array<number>(wanted.length).fill(0);
  order.forEach((original, i) => (result[original] = placed[i] ?? 0));
  return result;
}
