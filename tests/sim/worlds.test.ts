/**
 * Three hundred random worlds, and those that failed once. Goal: no seed breaks a guarantee (G-1 to G-10). Method: each
 * world runs with loss, delay, duplication, reordering, partitions, crashes, losses of power and misbehaving members while
 * checks watch; then everything heals, and what must come true has to (tests/sim/worlds.ts).
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { simulate } from "./worlds.ts";

const test = suite("sim: worlds");

const kept = (JSON.parse(readFileSync(new URL("seeds.json", import.meta.url), "utf8")) as { seeds: number[] }).seeds;
const worldCount = 300;
const worldsPerTest = 50;

async function failuresOf(seeds: readonly number[]): Promise<string[]> {
  const failures: string[] = [];
  for (const seed of seeds) {
    const { failure } = await simulate(seed);
    if (failure !== undefined) failures.push(`${String(failure)} (again: npm run sim -- --seed ${seed})`);
  }
  return failures;
}

test("worlds that failed once hold now", async () => {
  assert.equal(await failuresOf(kept), []);
});

for (let first = 1; first <= worldCount; first += worldsPerTest) {
  test(`worlds ${first} to ${first + worldsPerTest - 1} hold, and what is wanted completes`, async () => {
    assert.equal(await failuresOf(Array.from({ length: worldsPerTest }, (_, i) => first + i)), []);
  });
}

test("the same seed gives the same run, to the last message", async () => {
  const runs: string[] = [];
  for (let run = 0; run < 2; run++) {
    const lines: string[] = [];
    await simulate(7, { trace: (line) => lines.push(line) });
    runs.push(lines.join("\n"));
  }
  assert.ok((runs[0]?.length ?? 0) > 1000);
  assert.is(runs[0], runs[1]);
});

test("worlds are worth running: most of them complete something", async () => {
  let complete = 0;
  for (let seed = 1; seed <= 20; seed++) complete += (await simulate(seed)).completeCount;
  assert.ok(complete > 40, `${complete} files completed in 20 worlds`);
});

test.run();
