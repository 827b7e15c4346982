/** The command line of the benchmark. */
import { parseArgs } from "node:util";

export const helpText = `Usage: npm run bench -- [options]

  --size=5,50       sizes of the files, in MiB
  --runs=5          runs of each figure; the median counts
  --only=fetch/50MiB  only figures whose name contains this
  --json            one JSON object a line: figure, unit, median, min, max, runs
  --strict          exit code 1 when a goal is missed
  --library=FOLDER  measure this build, such as the dist of another checkout, not our own
  --profile=FOLDER  one more run, with a CPU profile of each process there, and who used the time
  --help            this

The stores are made in the system's folder for temporary files (TMPDIR).
Exit code: 0, or 1 when a run failed or --strict found a goal missed, or 2 when the arguments are wrong.
`;

export interface BenchArguments {
  readonly sizesMiB: readonly number[];
  readonly runs: number;
  readonly only: string;
  readonly isJson: boolean;
  readonly isStrict: boolean;
  readonly libraryFolder: string | undefined;
  readonly profileFolder: string | undefined;
}

/** More is no benchmark but a way to fill a disk. */
const sizeMiBMax = 8192;
const runsMax = 1000;

/** What was asked for, or what is wrong with it. */
export function parseArguments(
  words: readonly string[],
): BenchArguments | { readonly help: true } | { readonly problem: string } {
  const read = readWords(words);
  if (typeof read === "string") return { problem: read };
  if (read.help) return { help: true };
  const sizesMiB = read.size.split(",").map(Number);
  if (!sizesMiB.every((size) => Number.isInteger(size) && size > 0 && size <= sizeMiBMax))
    return { problem: `--size: whole numbers of MiB from 1 to ${sizeMiBMax}, with commas between` };
  const runs = Number(read.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > runsMax) return { problem: `--runs: 1 to ${runsMax}` };
  return {
    sizesMiB: [...new Set(sizesMiB)],
    runs,
    only: read.only,
    isJson: read.json,
    isStrict: read.strict,
    libraryFolder: read.library,
    profileFolder: read.profile,
  };
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        size: { type: "string", default: "5,50" },
        runs: { type: "string", default: "5" },
        only: { type: "string", default: "" },
        json: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        library: { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
