/** The command line of the benchmark. */
import { parseArgs } from "node:util";

export const helpText = `Usage: npm run bench -- [options]

  --size=5,50       sizes of the files, in MiB; by default those that --only names, or 5 and 50
  --runs=5          runs of each figure; the median counts
  --only=fetch/50MiB  only figures whose name contains this; several with commas between
  --json            one JSON object a line: figure, unit, median, min, max, runs
  --strict          exit code 1 when a goal is missed, or --against found something worse
  --against[=COMMIT]  measure that commit's library in the same rounds and compare; by default what ours is built on
  --save-baseline   keep what was measured in tests/bench/baselines, for this machine and these versions
  --library=FOLDER  measure this build, such as the dist of another checkout, not our own
  --profile=FOLDER  one more run, with a CPU profile of each process there, and who used the time
  --help            this

The stores are made in the system's folder for temporary files (TMPDIR).
Exit code: 0, or 1 when a run failed or --strict found something, or 2 when the arguments are wrong.
`;

export interface BenchArguments {
  readonly sizesMiB: readonly number[];
  readonly runs: number;
  /** A figure is measured when its full name contains one of these. */
  readonly only: readonly string[];
  readonly isJson: boolean;
  readonly isStrict: boolean;
  /** Empty: the commit that ours is built on. */
  readonly against: string | undefined;
  readonly isBaselineSaved: boolean;
  readonly libraryFolder: string | undefined;
  readonly profileFolder: string | undefined;
}

/** More is no benchmark but a way to fill a disk. */
const sizeMiBMax = 8192;
const runsMax = 1000;
const sizesMiBDefault = [5, 50] as const;

/** What was asked for, or what is wrong with it. */
export function parseArguments(
  words: readonly string[],
): BenchArguments | { readonly help: true } | { readonly problem: string } {
  const read = readWords(words);
  if (typeof read === "string") return { problem: read };
  if (read.help) return { help: true };
  const only = read.only.split(",");
  const sizesMiB = read.size === undefined ? sizesNamedIn(only) : read.size.split(",").map(Number);
  if (!sizesMiB.every((size) => Number.isInteger(size) && size > 0 && size <= sizeMiBMax))
    return { problem: `--size: whole numbers of MiB from 1 to ${sizeMiBMax}, with commas between` };
  const runs = Number(read.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > runsMax) return { problem: `--runs: 1 to ${runsMax}` };
  if (read["save-baseline"] && read.library !== undefined)
    return { problem: "--save-baseline: only of our own build, without --library" };
  return {
    sizesMiB: [...new Set(sizesMiB)],
    runs,
    only,
    isJson: read.json,
    isStrict: read.strict,
    against: read.against,
    isBaselineSaved: read["save-baseline"],
    libraryFolder: read.library,
    profileFolder: read.profile,
  };
}

/** `rss/500MiB` asks for that size as well. */
function sizesNamedIn(only: readonly string[]): readonly number[] {
  const named = only.flatMap((name) => [...name.matchAll(/\/(\d+)MiB$/g)].map(([, size]) => Number(size)));
  return named.length > 0 ? named : sizesMiBDefault;
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      // Alone it has no value, which Node's parser does not know.
      args: words.map((word) => (word === "--against" ? "--against=" : word)),
      options: {
        size: { type: "string" },
        runs: { type: "string", default: "5" },
        only: { type: "string", default: "" },
        json: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        against: { type: "string" },
        "save-baseline": { type: "boolean", default: false },
        library: { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
