/**
 * The results file: lines of JSON. Each section begins with a line that says on what machine, of which versions and by
 * which command it was measured; its figures follow, as the suite prints them. Sections are replaced one by one.
 */
import type { Point } from "./fit.ts";
import { lines, sectionNames, type Line, type SectionName } from "./lines.ts";
import { stepOf } from "./steps.ts";

export interface FigureLine {
  readonly figure: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Section {
  readonly section: SectionName;
  readonly machine: readonly string[];
  readonly command: string;
  /** How long it took to measure. */
  readonly seconds: number;
  readonly figures: readonly FigureLine[];
}

export function readResults(text: string): Section[] {
  const sections: (Omit<Section, "figures"> & { figures: FigureLine[] })[] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const read = JSON.parse(line) as Omit<Section, "figures"> | FigureLine;
    if ("section" in read) sections.push({ ...read, figures: [] });
    else if (sections.length === 0) throw new Error("a figure comes before the machine it was measured on");
    else sections.at(-1)?.figures.push(read);
  }
  return sections;
}

export function writeResults(sections: readonly Section[]): string {
  const text = sections.flatMap(({ figures, ...head }) => [head, ...figures].map((each) => JSON.stringify(each)));
  return `${text.join("\n")}\n`;
}

/** The new ones in the place of those that they measured again. */
export function mergeResults(old: readonly Section[], fresh: readonly Section[]): Section[] {
  return sectionNames.flatMap((name) => {
    const isIt = ({ section }: Section): boolean => section === name;
    return fresh.find(isIt) ?? old.find(isIt) ?? [];
  });
}

export interface Measured extends Point {
  readonly min: number;
  readonly max: number;
}

export interface MeasuredLine {
  readonly line: Line;
  /** By n, upwards. */
  readonly points: readonly Measured[];
}

/** The lines of a section with their points; lines that have none are left out. */
export function linesIn({ section, figures }: Section): MeasuredLine[] {
  return lines
    .filter((line) => line.section === section)
    .map((line) => ({ line, points: pointsOf(line, figures) }))
    .filter(({ points }) => points.length > 0);
}

function pointsOf({ name, section }: Line, figures: readonly FigureLine[]): Measured[] {
  const points = figures.flatMap(({ figure, median, min, max }) => {
    const [plain, step = ""] = figure.split("/");
    const n = plain === name ? stepOf(section, step) : undefined;
    return n === undefined ? [] : [{ n, cost: median, min, max }];
  });
  return points.sort((a, b) => a.n - b.n);
}
