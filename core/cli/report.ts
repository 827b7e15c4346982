/** What the demo says, in one of three ways: to a terminal, as plain lines, to a machine. */
import type { Progress } from "../index.ts";
import { barIntervalMs, plainPercentStep } from "./demo-limits.ts";
import { barText, bytesText, secondsText } from "./format.ts";

export type Figures = Readonly<Record<string, number | string>>;

export interface Check {
  /** For machines. */
  readonly name: string;
  readonly isHeld: boolean;
  /** For people. */
  readonly text: string;
  readonly figures?: Figures;
}

export interface Report {
  heading(title: string, lines: readonly string[]): void;
  act(number: number, title: string): void;
  note(text: string): void;
  /** Shows where a transfer is; `state` takes the place of speed and time left while nothing moves. */
  progress(progress: Progress, state?: string): void;
  /** The transfer shown last is over, or stands still. */
  progressDone(): void;
  check(check: Check): void;
  end(isHeld: boolean, summary: string): void;
}

type Write = (text: string) => void;

const indent = "     ";
const barCells = 24;

/** Colours as of ISO/IEC 6429; none where the user wants none. */
interface Paint {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  bar(text: string): string;
}

function paintWith(isColoured: boolean): Paint {
  const style = (code: string) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { strong: style("1"), faint: style("2"), good: style("32"), bad: style("31"), bar: style("36") };
}

export function jsonReport(write: Write): Report {
  let act = 0;
  const line = (value: object): void => write(`${JSON.stringify(value)}\n`);
  return {
    heading() {},
    act: (number) => void (act = number),
    note() {},
    progress() {},
    progressDone() {},
    check: ({ name, isHeld, figures = {} }) => line({ act, check: name, ok: isHeld, figures }),
    end: (isHeld) => line({ ok: isHeld }),
  };
}

/** For pipes and logs: a line at each quarter of a transfer. */
export function plainReport(write: Write): Report {
  let percentShown = -1;
  return {
    ...linesReport(write, paintWith(false)),
    progress(progress, state) {
      const percent = Math.floor(progress.percent / plainPercentStep) * plainPercentStep;
      if (state !== undefined || percent <= percentShown) return;
      percentShown = percent;
      write(`${indent}${progressText(progress, undefined)}\n`);
    },
    progressDone: () => void (percentShown = -1),
  };
}

/** A bar that moves in its place; what is said meanwhile goes above it. */
export function terminalReport(write: Write, isColoured: boolean): Report {
  const paint = paintWith(isColoured);
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let isBarShown = false;
  const barOf = (progress: Progress, state: string | undefined): string =>
    `\r\u001b[2K${indent}${paint.bar(barText(progress.percent, barCells))}  ${progressText(progress, state)}`;
  let last: (() => void) | undefined;
  return {
    ...linesReport(write, paint),
    progress(progress, state) {
      const now = performance.now();
      last = () => write(barOf(progress, state));
      if (isBarShown && now - shownAtMs < barIntervalMs) return;
      shownAtMs = now;
      isBarShown = true;
      last();
    },
    progressDone() {
      if (isBarShown) last?.();
      if (isBarShown) write("\n");
      isBarShown = false;
      last = undefined;
    },
  };
}

function linesReport(write: Write, paint: Paint): Omit<Report, "progress" | "progressDone"> {
  return {
    heading(title, lines) {
      write(`\n  ${paint.strong(title)}\n`);
      for (const line of lines) write(`  ${paint.faint(line)}\n`);
    },
    act: (number, title) => write(`\n  ${paint.strong(`${number}  ${title}`)}\n`),
    note: (text) => write(`${indent}${paint.faint(text)}\n`),
    check({ isHeld, text }) {
      const mark = isHeld ? paint.good("✓") : paint.bad("✗");
      const [first = "", ...more] = text.split("\n");
      write(`  ${mark}  ${isHeld ? first : paint.bad(first)}\n`);
      for (const line of more) write(`${indent}${paint.faint(line)}\n`);
    },
    end: (isHeld, summary) => write(`\n  ${isHeld ? paint.good(summary) : paint.bad(summary)}\n\n`),
  };
}

function progressText(progress: Progress, state: string | undefined): string {
  const { percent, bytesReceived, fileBytes = 0, bytesPerSecond, etaMs } = progress;
  const share = `${String(percent).padStart(3)} %  ${bytesText(bytesReceived)} of ${bytesText(fileBytes)}`;
  if (state !== undefined) return `${share}  ${state}`;
  const speed = bytesPerSecond === undefined ? "" : `  ${bytesText(bytesPerSecond)}/s`;
  const left = etaMs === undefined || percent >= 100 ? "" : `  ${secondsText(etaMs)} left`;
  return `${share}${speed}${left}`;
}
