/** What the bench prints: a table for people, lines of JSON for machines. */
import { figureName, type Figure } from "./figures.ts";
import type { Summary } from "./statistics.ts";

export interface Reported {
  readonly figure: Figure;
  readonly sizeMiB: number;
  readonly summary: Summary;
}

export const goalOf = ({ figure, sizeMiB }: Reported): number | undefined => figure.goals?.[sizeMiB];

export function isMissed(reported: Reported): boolean {
  const goal = goalOf(reported);
  return goal !== undefined && reported.summary.median > goal;
}

export function jsonLine({ figure, sizeMiB, summary }: Reported): string {
  const { median, min, max, runs } = summary;
  return JSON.stringify({ figure: figureName(figure.name, sizeMiB), unit: figure.unit, median, min, max, runs });
}

const columns = ["figure", "median", "min", "max", "unit", "goal"] as const;

export function table(reported: readonly Reported[]): string {
  const rows = [columns, ...reported.map(rowOf)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number): boolean => column === 0 || column > 3;
  return rows
    .map((row) => row.map((cell, i) => (isText(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))))
    .map((cells) => cells.join("  ").trimEnd())
    .join("\n");
}

function rowOf(reported: Reported): string[] {
  const { figure, sizeMiB, summary } = reported;
  const goal = goalOf(reported);
  const { median, min, max } = summary;
  return [
    figureName(figure.name, sizeMiB),
    ...[median, min, max].map(numberText),
    figure.unit,
    goal === undefined ? "" : `<= ${goal}: ${isMissed(reported) ? "not met" : "met"}`,
  ];
}

/** Three digits that count; the machine gives no more. Ratios close to 1 need the fourth. */
const numberText = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(value < 10 ? 3 : 1));
