/**
 * Every figure: what it is called, its unit, which scenario gives it, and what we mean to reach. The tables are in
 * figures/. No full name is part of another one, so that `--only=fetch/50MiB` means one figure.
 */
import type { Figure, ScenarioName } from "./figures/figure.ts";
import { floorFigures } from "./figures/floors.ts";
import { messengerFigures } from "./figures/messenger.ts";
import { transferFigures } from "./figures/transfer.ts";

export type { Figure, FixedScenarioName, ScenarioName, SizedScenarioName, Unit } from "./figures/figure.ts";

export const figures: readonly Figure[] = [...transferFigures, ...floorFigures, ...messengerFigures];

/** A figure of one subject: what is measured, told and compared. */
export interface Measurement {
  readonly figure: Figure;
  readonly subject: string;
  /** Of what has to run; unset where the files are always the same. */
  readonly sizeMiB: number | undefined;
}

export const subjectOf = (sizeMiB: number): string => `${sizeMiB}MiB`;

export const fullName = (name: string, subject: string): string => `${name}/${subject}`;

export const nameOf = ({ figure, subject }: Measurement): string => fullName(figure.name, subject);

/** All there are for these sizes. */
export function measurementsOf(sizesMiB: readonly number[]): Measurement[] {
  return figures.flatMap((figure): Measurement[] => {
    if (figure.subject !== undefined) return [{ figure, subject: figure.subject, sizeMiB: undefined }];
    return sizesMiB.map((sizeMiB) => ({ figure, subject: subjectOf(sizeMiB), sizeMiB }));
  });
}

/** The figure of that plain name, of those that are measured by size. */
export function figureOf(name: string): Figure {
  const found = figures.find((figure) => figure.name === name && figure.subject === undefined);
  if (found === undefined) throw new Error(`no figure is called ${name}`);
  return found;
}

/** What has to run for a figure. */
export function scenariosOf(figure: Figure): ScenarioName[] {
  if (typeof figure.from === "string") return [figure.from];
  return [...scenariosOf(figureOf(figure.from.ratioOf)), ...scenariosOf(figureOf(figure.from.to))];
}

/** The plain names of what a scenario gives. */
export const figuresOf = (scenario: ScenarioName): string[] =>
  figures.filter(({ from }) => from === scenario).map(({ name }) => name);
