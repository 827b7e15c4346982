/** What the bench prints: a table for people, lines of JSON for machines. */
import { nameOf, type Measurement } from "./figures.ts";
import type { Summary } from "./statistics.ts";

export interface Reported extends Measurement {
  readonly summary: Summary;
}

/** A line of `--json`, and of a baseline. */
export interface FigureLine extends Summary {
  readonly figure: string;
  readonly unit: string;
}

export const goalOf = ({ figure, subject }: Measurement): number | undefined => figure.goals?.[subject];

/** A figure that could not be measured has not reached its goal. */
export function isMissed(reported: Reported): boolean {
  const goal = goalOf(reported);
  if (goal === undefined) return false;
  const { figure, summary } = reported;
  const reached = figure.isGoalForWorst ? summary.max : summary.median;
  return !(figure.isMoreBetter ? reached >= goal : reached <= goal);
}

export function figureLine(reported: Reported): FigureLine {
  const { median, min, max, runs } = reported.summary;
  return { figure: nameOf(reported), unit: reported.figure.unit, median, min, max, runs };
}

export const jsonLine = (reported: Reported): string => JSON.stringify(figureLine(reported));

export function table(reported: readonly Reported[]): string {
  return columnsOf([["figure", "median", "min", "max", "unit", "goal"], ...reported.map(rowOf)], [1, 2, 3]);
}

/** Rows as lines, numbers to the right. */
export function columnsOf(rows: readonly (readonly string[])[], numberColumns: readonly number[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const padded = (cell: string, column: number): string =>
    numberColumns.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(padded).join("  ").trimEnd()).join("\n");
}

function rowOf(reported: Reported): string[] {
  const { figure, summary } = reported;
  const { median, min, max } = summary;
  return [nameOf(reported), ...[median, min, max].map(numberText), figure.unit, goalText(reported)];
}

function goalText(reported: Reported): string {
  const goal = goalOf(reported);
  if (goal === undefined) return "";
  const { isMoreBetter, isGoalForWorst } = reported.figure;
  const which = isGoalForWorst ? "always " : "";
  return `${which}${isMoreBetter ? ">=" : "<="} ${goal}: ${isMissed(reported) ? "not met" : "met"}`;
}

/** Three digits that count; the machine gives no more. Ratios close to 1 need the fourth. */
export const numberText = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) < 10 ? 3 : 1);
