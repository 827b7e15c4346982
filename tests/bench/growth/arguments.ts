/** The command line of the growth benchmark. */
import { parseArgs } from "node:util";
import type { Step } from "./steps.ts";
import { sectionNames, type SectionName } from "./lines.ts";

export const helpText = `Usage: npm run bench:growth -- [options]

  --quick           few small steps, one run each; written nowhere unless --out says so
  --only=size       only this: ${sectionNames.join(", ")}
  --steps=10,1000   with --only: just these steps (bytes, attachments, wants), one run each; written as --quick is
  --out=FILE        where the results go; what was not measured stays as it is there
  --json            one JSON object a line: figure, unit, median, min, max, runs
  --profile=FOLDER  leave CPU profiles of each step there; what is measured then is not written
  --library=FOLDER  measure this build, such as the dist of another checkout, not our own
  --help            this

The stores are made in the system's folder for temporary files (TMPDIR); the largest step takes 7 GB there.
Exit code: 0, or 1 when a run failed, or 2 when the arguments are wrong.
`;

export interface GrowthArguments {
  readonly isQuick: boolean;
  /** In the place of the usual ones. */
  readonly steps: readonly Step[] | undefined;
  readonly sections: readonly SectionName[];
  readonly out: string | undefined;
  readonly isJson: boolean;
  readonly libraryFolder: string | undefined;
  readonly profileFolder: string | undefined;
}

export function parseArguments(
  words: readonly string[],
): GrowthArguments | { readonly help: true } | { readonly problem: string } {
  const read = readWords(words);
  if (typeof read === "string") return { problem: read };
  if (read.help) return { help: true };
  const sections = sectionNames.filter((name) => read.only === undefined || read.only === name);
  if (sections.length === 0) return { problem: `--only: one of ${sectionNames.join(", ")}` };
  const steps = read.steps?.split(",").map((word) => ({ n: Number(word), runs: 1 }));
  if (steps !== undefined && !isUpwards(steps))
    return { problem: "--steps: whole numbers, upwards, with commas between" };
  if (steps !== undefined && sections.length > 1) return { problem: "--steps: of which section? --only says it" };
  return {
    isQuick: read.quick || steps !== undefined,
    steps,
    sections,
    out: read.out,
    isJson: read.json,
    libraryFolder: read.library,
    profileFolder: read.profile,
  };
}

function isUpwards(steps: readonly Step[]): boolean {
  return steps.every(({ n }, i) => Number.isInteger(n) && n > (steps[i - 1]?.n ?? 0));
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        steps: { type: "string" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
        library: { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
