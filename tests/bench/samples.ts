/** What was measured, by full name and round: so that what belongs to one round can be compared within it. */
import { figureOf, fullName, type Measurement } from "./figures.ts";

export class Samples {
  readonly #byName = new Map<string, number[]>();

  put(name: string, round: number, value: number): void {
    const values = this.#byName.get(name) ?? [];
    values[round] = value;
    this.#byName.set(name, values);
  }

  /** By round; NaN where a run failed. A ratio is taken within each round. */
  of({ figure, subject }: Measurement): readonly number[] {
    if (typeof figure.from === "string") return this.#named(fullName(figure.name, subject));
    const { ratioOf, to } = figure.from;
    const under = this.of({ figure: figureOf(to), subject, sizeMiB: undefined });
    const over = this.of({ figure: figureOf(ratioOf), subject, sizeMiB: undefined });
    return over.map((value, round) => value / (under[round] ?? Number.NaN));
  }

  #named(name: string): readonly number[] {
    // Without holes: a round that gave nothing is NaN.
    return Array.from(this.#byName.get(name) ?? [], (value: number | undefined) => value ?? Number.NaN);
  }
}
