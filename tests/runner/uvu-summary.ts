/** Reading uvu's summary, which it prints once per process: `Total`, `Passed`, `Skipped` (which are not in the total). */

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Undefined when there is none: the file called no `run()`, or ended too early. */
export function readSummary(output: string): Tally | undefined {
  const found = [...output.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)];
  const last = found.at(-1);
  if (last === undefined) return undefined;
  const [total, passed, skipped] = last.slice(1).map(Number) as [number, number, number];
  return { passed, failed: total - passed, skipped };
}

export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
