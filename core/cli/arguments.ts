/** The command line: at most one path, and three flags. */
export const helpText = `Usage: npm run demo -- [PATH] [--json] [--keep]

Two processes, each with a store of its own on disk, joined by a WebSocket on
loopback. One attaches a file, the other fetches it:

  1  pauses at half, goes on, verifies, writes the file out
  2  is killed in the middle of a second transfer and started again
  3  cancels a third in the middle

  PATH     any file; without it the TypeScript compiler's own source.
           Both stores together take about seven times its size for a while.
  --json   one JSON object a line: act, check, ok, figures; last {"ok":true}
  --keep   leave the temporary folder, with the stores and the file received
  --help   this

Exit code: 0 when every check held, 1 when one did not, 2 when the arguments
are wrong or the file is too small to be stopped in the middle, 130 on Ctrl-C.
`;

export interface DemoArguments {
  readonly path: string | undefined;
  readonly isJson: boolean;
  readonly isKept: boolean;
}

/** What was asked for, or what is wrong with it. */
export function parseArguments(
  words: readonly string[],
): DemoArguments | { readonly help: true } | { readonly problem: string } {
  let path: string | undefined;
  let isJson = false;
  let isKept = false;
  let areFlagsOver = false;
  for (const word of words) {
    if (areFlagsOver || !word.startsWith("-")) {
      if (path !== undefined) return { problem: "one file at a time" };
      path = word;
    } else if (word === "--") areFlagsOver = true;
    else if (word === "--help" || word === "-h") return { help: true };
    else if (word === "--json") isJson = true;
    else if (word === "--keep") isKept = true;
    else return { problem: `unknown option ${word}` };
  }
  return { path, isJson, isKept };
}
