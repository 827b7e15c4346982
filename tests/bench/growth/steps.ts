/** How far each thing grows, and how often each step is measured: the larger, the fewer, so that a run stays short. */
import type { SectionName } from "./lines.ts";

export interface Step {
  readonly n: number;
  readonly runs: number;
}

export const steps: Readonly<Record<SectionName, readonly Step[]>> = {
  size: [
    { n: 1e3, runs: 5 },
    { n: 1e4, runs: 5 },
    { n: 1e5, runs: 5 },
    { n: 1e6, runs: 5 },
    { n: 1e7, runs: 5 },
    { n: 1e8, runs: 3 },
    { n: 5e8, runs: 2 },
    { n: 1e9, runs: 1 },
    { n: 2e9, runs: 1 },
  ],
  attachments: [
    { n: 10, runs: 5 },
    { n: 100, runs: 5 },
    { n: 1000, runs: 5 },
    { n: 10_000, runs: 3 },
    { n: 30_000, runs: 2 },
    { n: 100_000, runs: 1 },
  ],
  wants: [
    { n: 1, runs: 3 },
    { n: 3, runs: 3 },
    { n: 10, runs: 3 },
    { n: 30, runs: 3 },
    { n: 100, runs: 3 },
    { n: 300, runs: 3 },
    { n: 1000, runs: 3 },
  ],
};

export const quickSteps: Readonly<Record<SectionName, readonly Step[]>> = {
  size: [1e3, 1e6, 1e7, 3e7].map((n) => ({ n, runs: 1 })),
  attachments: [10, 100, 1000, 2000].map((n) => ({ n, runs: 1 })),
  wants: [1, 10, 100, 300].map((n) => ({ n, runs: 1 })),
};

const sizeUnits = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["KB", 1e3],
] as const;

/** `10MB`, `1000attachments`, `30wants`: what a figure's name ends in. */
export function stepName(section: SectionName, n: number): string {
  if (section !== "size") return `${n}${section}`;
  const [unit, bytes] = sizeUnits.find(([, least]) => n >= least) ?? ["B", 1];
  return `${n / bytes}${unit}`;
}

/** The number behind such a name; undefined when it is none of that section. */
export function stepOf(section: SectionName, name: string): number | undefined {
  const match = /^([\d.]+)([A-Za-z]+)$/.exec(name);
  if (match === null) return undefined;
  const [, number, unit] = match;
  if (section !== "size") return unit === section ? Number(number) : undefined;
  const bytes = unit === "B" ? 1 : sizeUnits.find(([each]) => each === unit)?.[1];
  return bytes === undefined ? undefined : Math.round(Number(number) * bytes);
}
