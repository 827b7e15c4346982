/** What measuring a section is given, and where what it measured goes. */
import type { Processes } from "../scenarios/scenario.ts";
import { stepName, type Step } from "./steps.ts";
import { linesOf, type SectionName } from "./lines.ts";
import { summarise, type Summary } from "../statistics.ts";
import type { FigureLine } from "./results.ts";

export interface Measurement {
  readonly run: Processes & { readonly folder: string };
  readonly steps: readonly Step[];
  readonly isQuick: boolean;
  readonly samples: Samples;
  tell(line: string): void;
}

/** Collects values by line and step. */
export class Samples {
  readonly #section: SectionName;
  readonly #values = new Map<string, number[]>();

  constructor(section: SectionName) {
    this.#section = section;
  }

  /** In the line's own unit. */
  add(name: string, n: number, ...values: readonly number[]): void {
    const known = linesOf(this.#section).some((line) => line.name === name);
    if (!known) throw new Error(`no line is called ${name}`);
    if (!values.every((value) => Number.isFinite(value))) throw new Error(`${name}/${n} was not measured`);
    const key = `${name}/${stepName(this.#section, n)}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []), ...values]);
  }

  figures(): FigureLine[] {
    return linesOf(this.#section).flatMap(({ name, unit }) =>
      [...this.#values]
        .filter(([key]) => key.startsWith(`${name}/`))
        .map(([figure, values]) => ({ figure, unit, ...rounded(summarise(values)) })),
    );
  }
}

/** Five digits: the machine gives fewer, and the file stays readable. */
function rounded({ median, min, max, runs }: Summary): Summary {
  const short = (value: number): number => Number(value.toPrecision(5));
  return { median: short(median), min: short(min), max: short(max), runs };
}

export const milliseconds = (seconds: number): number => seconds * 1000;
