/**
 * Runs simulated worlds and stops to tell of those that fail.
 *
 *   npm run sim -- --seeds 1000            that many worlds
 *   npm run sim -- --seeds 1000 --from 5   beginning with this seed
 *   npm run sim -- --minutes 10            as many as there is time for
 *   npm run sim -- --seed 77               one of them, with everything that happens in it
 *
 * The last line is `N passed, N failed`; the exit code is 1 when one failed.
 */
import { readFileSync } from "node:fs";
import { simulate, type Outcome } from "./worlds.ts";

const keptSeeds = JSON.parse(readFileSync(new URL("seeds.json", import.meta.url), "utf8")) as { seeds: number[] };
const minuteMs = 60_000;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const seed = numberOf(args, "--seed");
  if (seed !== undefined) return replay(seed);
  const minutes = numberOf(args, "--minutes");
  const count = numberOf(args, "--seeds") ?? (minutes === undefined ? 300 : Number.POSITIVE_INFINITY);
  const from = numberOf(args, "--from") ?? 1;
  const endMs = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * minuteMs;
  const failed: number[] = [];
  let passed = 0;
  const run = async (each: number): Promise<void> => {
    const outcome = await simulate(each);
    if (outcome.failure === undefined) passed++;
    else {
      failed.push(each);
      console.log(describe(outcome));
    }
  };
  const startedMs = performance.now();
  for (const kept of args.includes("--from") ? [] : keptSeeds.seeds) await run(kept);
  for (let each = from; each < from + count && performance.now() < endMs; each++) await run(each);
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`${((1000 * seconds) / Math.max(1, passed + failed.length)).toFixed(0)} ms a world`);
  console.log(`${passed} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

async function replay(seed: number): Promise<void> {
  const outcome = await simulate(seed, { trace: (line) => console.log(line) });
  console.log(outcome.failure === undefined ? `seed ${seed}: every check held` : describe(outcome));
  console.log(outcome.failure === undefined ? "1 passed, 0 failed" : "0 passed, 1 failed");
  process.exitCode = outcome.failure === undefined ? 0 : 1;
}

function describe({ seed, failure, virtualMs }: Outcome): string {
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  const lines = text.split("\n").slice(0, 8).join("\n");
  return `seed ${seed} failed after ${virtualMs} ms: ${lines}\n  again: npm run sim -- --seed ${seed}`;
}

function numberOf(args: readonly string[], name: string): number | undefined {
  const at = args.indexOf(name);
  if (at < 0) return undefined;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} takes a whole number`);
  return value;
}
