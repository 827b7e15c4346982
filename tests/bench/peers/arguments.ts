/** The command line of the comparison with the peers. */
import { parseArgs } from "node:util";
import { contenders } from "./contenders.ts";

export const helpText = `Usage: npm run bench:peers -- [options]

  --sizes=5,50,500   sizes of the files, in MiB
  --rounds=5         interleaved rounds; medians count, ratios are taken within a round
  --peers=ours,tus   who runs: ${contenders.map(({ name }) => name).join(", ")}
                     (all but hyperdrive and hyperdrive-450 when not said)
  --kill-at=0.5      kill the receiver at this part, let another one go on, count all bytes that were sent
  --quiet=60         wait so many seconds at most for a quiet machine before each run
  --attempts=4       a run that other work disturbed is kept, marked, and tried again, so often at most
  --json             one JSON object a line: figure, unit, median, min, max, runs
  --write            store these results in the repository and print them into README.md and docs
  --report           print what is stored instead of measuring; with --write into the documents too
  --library=FOLDER   measure this build, such as the dist of another checkout, not our own
  --results=FILE     where the runs are written as they come, or what --report prints
  --install-only     install the peers' packages and stop
  --help             this

The packages are installed apart from the project. Linux only. Nothing leaves loopback, the installing aside.
Exit code: 0, or 1 when a run failed, or 2 when the arguments are wrong.
`;

export interface PeersArguments {
  readonly sizesMiB: readonly number[];
  readonly rounds: number;
  readonly peers: readonly string[];
  readonly killAt: number | undefined;
  readonly quietSecondsMax: number;
  readonly attempts: number;
  readonly isJson: boolean;
  readonly isWrite: boolean;
  readonly isReport: boolean;
  readonly isInstallOnly: boolean;
  readonly libraryFolder: string | undefined;
  readonly resultsPath: string | undefined;
}

/** More is no benchmark but a way to fill a disk, or never to end. */
const sizeMiBMax = 8192;
const roundsMax = 100;
const quietSecondsLimit = 600;
const attemptsMax = 10;
const usualPeers = contenders.filter(({ isUsual }) => isUsual).map(({ name }) => name);

export function parseArguments(
  words: readonly string[],
): PeersArguments | { readonly help: true } | { readonly problem: string } {
  const read = readWords(words);
  if (typeof read === "string") return { problem: read };
  if (read.help) return { help: true };
  const sizesMiB = read.sizes.split(",").map(Number);
  const peers = read.peers === undefined ? usualPeers : read.peers.split(",");
  const killAt = read["kill-at"] === undefined ? undefined : Number(read["kill-at"]);
  const counts = { rounds: Number(read.rounds), quiet: Number(read.quiet), attempts: Number(read.attempts) };
  const stranger = peers.find((peer) => !contenders.some(({ name }) => name === peer));
  if (!sizesMiB.every((size) => isWhole(size, 1, sizeMiBMax)))
    return { problem: `--sizes: whole numbers of MiB from 1 to ${sizeMiBMax}, with commas between` };
  if (stranger !== undefined) return { problem: `--peers: nobody is called "${stranger}"` };
  if (!isWhole(counts.rounds, 1, roundsMax)) return { problem: `--rounds: 1 to ${roundsMax}` };
  if (!isWhole(counts.quiet, 0, quietSecondsLimit)) return { problem: `--quiet: 0 to ${quietSecondsLimit} seconds` };
  if (!isWhole(counts.attempts, 1, attemptsMax)) return { problem: `--attempts: 1 to ${attemptsMax}` };
  if (read.library !== undefined && read.write)
    return { problem: "--write: only of our own build, the documents name its commit" };
  if (killAt !== undefined && !(killAt > 0 && killAt < 1)) return { problem: "--kill-at: more than 0, less than 1" };
  return {
    sizesMiB: [...new Set(sizesMiB)].sort((a, b) => a - b),
    rounds: counts.rounds,
    peers: [...new Set(peers)],
    killAt,
    quietSecondsMax: counts.quiet,
    attempts: counts.attempts,
    isJson: read.json,
    isWrite: read.write,
    isReport: read.report,
    isInstallOnly: read["install-only"],
    libraryFolder: read.library,
    resultsPath: read.results,
  };
}

const isWhole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        sizes: { type: "string", default: "5,50,500" },
        rounds: { type: "string", default: "5" },
        peers: { type: "string" },
        "kill-at": { type: "string" },
        quiet: { type: "string", default: "60" },
        attempts: { type: "string", default: "4" },
        json: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        report: { type: "boolean", default: false },
        library: { type: "string" },
        results: { type: "string" },
        "install-only": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
