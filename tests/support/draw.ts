/** Draws from a Random, for tests: the same seed draws the same. */
import type { Random } from "../../core/base/random.ts";

/** A whole number from 0 to `count` - 1; 0 when there is none to choose from. */
export const below = (random: Random, count: number): number => (count <= 1 ? 0 : random.u32() % count);

/** From `low` to `high`, both possible. */
export const between = (random: Random, low: number, high: number): number => low + below(random, high - low + 1);

/** True in that part of all cases. What never happens draws nothing, so a quiet link leaves the seed alone. */
export const happens = (random: Random, part: number): boolean => part > 0 && random.u32() < part * 2 ** 32;

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[below(random, choices.length)] as T;
}
