/**
 * `npm run demo`: the main job on a real file, between two real processes, with every promise checked while you watch.
 * The exit code is 0 only if all of them held.
 */
import { safeFileName } from "../index.ts";
import { actCancel } from "./act-cancel.ts";
import { actKill } from "./act-kill.ts";
import { actPause } from "./act-pause.ts";
import type { Act } from "./act.ts";
import { helpText, parseArguments } from "./arguments.ts";
import { middleBytesMin } from "./demo-limits.ts";
import { bytesText, clipText, countText, secondsText } from "./format.ts";
import { killAll } from "./peer.ts";
import { jsonReport, plainReport, terminalReport, type Report } from "./report.ts";
import { findSourceFile, type SourceFile } from "./source-file.ts";
import { removeFolder, Stage } from "./stage.ts";

const exitHeld = 0;
const exitNotHeld = 1;
const exitNotShown = 2;
const exitInterrupted = 130;
/** What is left for a name on a line of 80. */
const nameCells = 32;

interface Outcome {
  held: number;
  failed: number;
}

/** Where the stores are, once they are; removed on every way out. */
let folder: string | undefined;
let isKept = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => leave(exitInterrupted));
// Whoever reads has gone: `npm run demo | head`.
process.stdout.on("error", () => leave(exitNotHeld));
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const parsed = parseArguments(words);
  if ("help" in parsed) {
    process.stdout.write(helpText);
    return exitHeld;
  }
  if ("problem" in parsed) return refuse(`${parsed.problem}\n\n${helpText}`);
  const source = findSourceFile(parsed.path);
  if ("problem" in source) return refuse(`${source.problem}\n`);
  ({ isKept } = parsed);
  const report = reportFor(parsed.isJson);
  const outcome = { held: 0, failed: 0 };
  const startedMs = performance.now();
  try {
    await play(source, report, outcome);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    report.progressDone();
    keep(report, outcome, { name: "error", isHeld: false, text: message, figures: { message } });
  }
  tidy();
  if (isKept && folder !== undefined) report.note(`kept: ${folder}`);
  return summarise(report, outcome, source.fileBytes >= middleBytesMin, performance.now() - startedMs);
}

async function play(source: SourceFile, report: Report, outcome: Outcome): Promise<void> {
  const stage = await Stage.open(source, (made) => (folder = made));
  const hasMiddle = source.fileBytes >= middleBytesMin;
  report.heading("focused-file-sync", introduction(stage, hasMiddle));
  const act: Act = { stage, report, check: (check) => keep(report, outcome, check) };
  try {
    const wireBytes = await actPause(act, hasMiddle);
    if (hasMiddle) await actKill(act, wireBytes);
    if (hasMiddle) await actCancel(act);
  } finally {
    await stage.close();
  }
}

function introduction({ source, sender, receiver, bytesPerSecond }: Stage, hasMiddle: boolean): string[] {
  const { name, fileBytes, note } = source;
  const lines = [
    `${clipText(safeFileName(name), nameCells)}, ${bytesText(fileBytes)}, from process ${sender.pid} to process ${receiver.pid}`,
    "over a WebSocket on loopback. That is too fast to watch: a relay between",
    `them holds it to ${bytesText(bytesPerSecond)}/s.`,
  ];
  if (note !== undefined) lines.push(`(${note})`);
  if (!hasMiddle)
    lines.push(`Under ${bytesText(middleBytesMin)} all of it is under way at once: there is no middle to stop in.`);
  return lines;
}

function keep(report: Report, outcome: Outcome, check: Parameters<Report["check"]>[0]): void {
  if (check.isHeld) outcome.held++;
  else outcome.failed++;
  report.check(check);
}

function summarise(report: Report, { held, failed }: Outcome, hasMiddle: boolean, tookMs: number): number {
  const checks = `${countText(held)} of ${countText(held + failed)} checks held, ${secondsText(tookMs)}`;
  if (failed > 0) {
    report.end(false, checks);
    return exitNotHeld;
  }
  if (hasMiddle) {
    report.end(true, checks);
    return exitHeld;
  }
  report.end(false, `${checks}; pause, kill and cancel need a larger file`);
  return exitNotShown;
}

function reportFor(isJson: boolean): Report {
  const write = (text: string): void => void process.stdout.write(text);
  if (isJson) return jsonReport(write);
  const { TERM, NO_COLOR } = process.env;
  if (!process.stdout.isTTY || TERM === "dumb") return plainReport(write);
  return terminalReport(write, NO_COLOR === undefined || NO_COLOR === "");
}

function refuse(text: string): number {
  process.stderr.write(text);
  return exitNotShown;
}

function tidy(): void {
  if (folder !== undefined && !isKept) removeFolder(folder);
}

/** In a hurry: by process id, whatever they are doing. */
function leave(code: number): never {
  killAll();
  // The prompt does not begin in the middle of a bar.
  if (process.stdout.isTTY) process.stdout.write("\n");
  tidy();
  process.exit(code);
}
