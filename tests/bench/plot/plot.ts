/**
 * Draws how cost grows: `npm run bench:plot`, from the results of `npm run bench:growth` to docs/images.
 *
 *   npm run bench:plot -- RESULTS FOLDER    from another results file, to another folder
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readResults } from "../growth/results.ts";
import { renderChart } from "./chart.ts";
import { chartsOf } from "./charts.ts";

const [
  results = fileURLToPath(new URL("../growth/results.jsonl", import.meta.url)),
  folder = fileURLToPath(new URL("../../../docs/images", import.meta.url)),
] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
for (const [name, chart] of chartsOf(readResults(readFileSync(results, "utf8")))) {
  writeFileSync(join(folder, name), renderChart(chart));
  process.stdout.write(`${name}\n`);
}
