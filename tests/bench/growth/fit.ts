/**
 * Is a line straight? On logarithmic axes cost ~ n^slope is a straight line with that slope: 1 is in proportion, 0 is
 * flat. What a call costs before n matters, its floor, would flatten the slope, so it is taken off, and points that are
 * mostly floor are left out. A curve that bends up only at its end hides in a slope over all points: the last factor of
 * ten is fitted by itself as well.
 */
import type { Line } from "./lines.ts";

export interface Point {
  readonly n: number;
  readonly cost: number;
}

/** Above this it is not in proportion any more; room for what single runs scatter. */
export const slopeMax = 1.15;
/** A point counts when it is this many times the floor; a flat line may rise to it. */
export const floorFactor = 2;
const tailFactor = 10;
/** Two points give a slope of whatever disturbed one of them. */
const pointsMin = 3;

export interface Fit {
  /** Over all points above the floor; undefined when there are too few. */
  readonly slope: number | undefined;
  /** Over those of the last factor of ten. */
  readonly tailSlope: number | undefined;
}

/** Least squares of log(cost) against log(n). */
export function slopeOf(points: readonly Point[]): number | undefined {
  if (points.length < pointsMin) return undefined;
  const at = points.map(({ n, cost }) => ({ x: Math.log(n), y: Math.log(cost) }));
  const meanX = mean(at.map(({ x }) => x));
  const meanY = mean(at.map(({ y }) => y));
  const spread = at.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return at.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

export function fitAboveFloor(points: readonly Point[]): Fit {
  const floor = Math.min(...points.map(({ cost }) => cost));
  const above = points
    .filter(({ cost }) => cost >= floorFactor * floor && cost > floor)
    .map(({ n, cost }) => ({ n, cost: cost - floor }));
  const largest = Math.max(...points.map(({ n }) => n));
  return { slope: slopeOf(above), tailSlope: slopeOf(above.filter(({ n }) => n >= largest / tailFactor)) };
}

export interface Verdict {
  readonly isStraight: boolean;
  readonly text: string;
}

export function judge(line: Line, points: readonly Point[]): Verdict {
  if (points.length < pointsMin) return { isStraight: true, text: "too few points" };
  return line.expected === "flat" ? judgeFlat(points, line.free ?? 0) : judgeProportion(points);
}

function judgeProportion(points: readonly Point[]): Verdict {
  const { slope, tailSlope } = fitAboveFloor(points);
  if (slope === undefined) return { isStraight: true, text: `too few points above its floor, ${timesText(points)}` };
  const text = `slope ${slope.toFixed(2)}${tailSlope === undefined ? "" : `, at the end ${tailSlope.toFixed(2)}`}`;
  const isStraight = Math.max(slope, tailSlope ?? slope) <= slopeMax;
  return { isStraight, text: isStraight ? text : `grows faster than linear: ${text}` };
}

/** From its lowest point on: what is shared by all falls with their number first. */
function judgeFlat(points: readonly Point[], free: number): Verdict {
  const sorted = [...points].sort((a, b) => a.n - b.n);
  const floor = Math.min(...sorted.map(({ cost }) => cost));
  const last = sorted.at(-1)?.cost ?? floor;
  const times = timesText(sorted);
  if (last <= floorFactor * floor || last <= free) return { isStraight: true, text: `flat: ${times}` };
  const slope = slopeOf(sorted.slice(sorted.findIndex(({ cost }) => cost === floor)));
  return { isStraight: false, text: `grows, and should be flat: ${times}, slope ${slope?.toFixed(2) ?? "unknown"}` };
}

function timesText(points: readonly Point[]): string {
  const largest = points.reduce((most, point) => (point.n > most.n ? point : most));
  const floor = Math.min(...points.map(({ cost }) => cost));
  return `${(largest.cost / floor).toFixed(1)} × its lowest at the end`;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
