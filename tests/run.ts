/**
 * Runs the test files and counts. Each file is a process of its own: one that hangs, crashes or leaves timers behind
 * cannot take others with it, and a failure's output is whole.
 *
 * uvu has three silences that this runner turns into failures: a file that forgets `run()` ends well with nothing
 * tested; a promise that never settles ends the process before the summary; no test has a time limit.
 *
 *   npm test                         every file but those of tests/browser and tests/package, which have scripts of their own
 *   npm test -- storage sync/pause   files whose path contains one of these words
 *   npm test -- --node=PATH          with another Node
 *   --folder=PATH --timeout-ms=N     for the tests of this runner itself
 *
 * The last line is `N passed, N failed`, with `, N skipped` when some are: .ci/run adds these lines up.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readSummary, tallyLine, type Tally } from "./runner/uvu-summary.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** As many as the smallest machine we run on has cores; more would make the timed tests wobble. */
const processesMax = 2;
const fileTimeoutMsDefault = 120_000;
/** After a file's process has ended and its leftovers were killed, what it wrote is read within this. */
const drainMs = 2_000;
/** A file that prints without end must not fill the memory; what matters is at the end. */
const outputCharactersMax = 2_000_000;
/** They need a build or a browser, so they run only when they are named. */
const namedOnly = ["tests/browser/", "tests/package/"];

const optionNames = ["node", "folder", "timeout-ms"] as const;
type Options = Partial<Record<(typeof optionNames)[number], string>>;

interface FileResult extends Tally {
  readonly path: string;
  readonly seconds: number;
  readonly output: string;
  /** Why the file as a whole failed, when it is not just that tests did. */
  readonly problem: string | undefined;
}

const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(130);
  });
}

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const options: Options = {};
  const words: string[] = [];
  for (const arg of args) {
    const name = optionNames.find((option) => arg.startsWith(`--${option}=`));
    if (name !== undefined) options[name] = arg.slice(name.length + 3);
    else if (arg.startsWith("-")) giveUp(`unknown option ${arg}`);
    else words.push(arg);
  }
  const files = testFiles(options.folder ?? `${root}tests`, words);
  if (files.length === 0) giveUp(`no test file matches ${words.join(" ")}`);
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures: FileResult[] = [];
  const queue = [...files];
  const worker = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const result = await runFile(options, path);
      total.passed += result.passed;
      total.failed += result.failed;
      total.skipped += result.skipped;
      if (result.failed > 0) failures.push(result);
      console.log(fileLine(result));
    }
  };
  await Promise.all(Array.from({ length: processesMax }, worker));
  for (const failure of failures) console.log(`\n---- ${failure.path}\n${failure.output.trimEnd()}\n`);
  for (const failure of failures) console.log(fileLine(failure));
  console.log(tallyLine(total));
  process.exit(total.failed === 0 ? 0 : 1);
}

function giveUp(why: string): never {
  console.log(why);
  console.log(tallyLine({ passed: 0, failed: 1, skipped: 0 }));
  process.exit(1);
}

/** Paths from the root of the repository where they lie in it. */
function testFiles(folder: string, words: readonly string[]): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(relative(root, folder), path).replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".test.ts"))
    .sort();
  return all.filter((path) => {
    const withheld = namedOnly.find((folder) => path.startsWith(folder));
    if (withheld !== undefined && !words.some((word) => word.startsWith(withheld.slice(0, -1)))) return false;
    return words.length === 0 || words.some((word) => path.includes(word));
  });
}

function runFile(options: Options, path: string): Promise<FileResult> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    // A group of its own, so that a kill also reaches the processes that the file started.
    const child = spawn(options.node ?? process.execPath, ["--import", "tsx", path], {
      cwd: root,
      detached: true,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    // The summary is read from stdout alone: a line on stderr must not split it.
    const written = { all: "", stdout: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written.stdout = (written.stdout + text).slice(-outputCharactersMax);
      written.all = (written.all + text).slice(-outputCharactersMax);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      written.all = (written.all + text).slice(-outputCharactersMax);
    });
    const timeoutMs = Number(options["timeout-ms"] ?? fileTimeoutMsDefault);
    let ending: string | undefined;
    const timer = setTimeout(() => {
      ending = `took over ${timeoutMs / 1000} s and was killed`;
      killGroup(child);
    }, timeoutMs);
    let done = false;
    const finish = (): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      running.delete(child);
      resolve(judge(path, (performance.now() - startedMs) / 1000, written, ending));
    };
    child.on("error", (error) => {
      ending = `could not start: ${error.message}`;
      finish();
    });
    child.on("exit", (code, signal) => {
      if (code !== 0) ending ??= `ended with ${signal ?? `code ${code}`}`;
      killGroup(child); // what the file left behind would hold the pipes open
      setTimeout(finish, drainMs).unref();
    });
    child.on("close", finish);
  });
}

function judge(
  path: string,
  seconds: number,
  written: { all: string; stdout: string },
  ending: string | undefined,
): FileResult {
  const output = written.all;
  const summary = readSummary(written.stdout);
  if (summary === undefined) {
    const problem = ending ?? "no summary and no error: does the file end in `.run()`?";
    return { path, seconds, output, problem, passed: 0, failed: 1, skipped: 0 };
  }
  if (summary.passed + summary.failed + summary.skipped === 0) {
    return { path, seconds, output, problem: "no test in it", passed: 0, failed: 1, skipped: 0 };
  }
  // Failed tests explain the exit code by themselves; any other bad ending is one failure more.
  const unexplained = ending !== undefined && summary.failed === 0;
  return {
    path,
    seconds,
    output,
    problem: unexplained ? ending : undefined,
    ...summary,
    failed: summary.failed + (unexplained ? 1 : 0),
  };
}

function fileLine({ path, seconds, problem, passed, failed, skipped }: FileResult): string {
  const counts = `${passed} passed${failed > 0 ? `, ${failed} FAILED` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  const why = problem === undefined ? "" : `: ${problem}`;
  return `${failed > 0 ? "not ok" : "ok    "} ${path}  ${counts}  ${seconds.toFixed(1)} s${why}`;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}
