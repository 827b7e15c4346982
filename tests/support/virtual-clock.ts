/**
 * Time that passes when a test says so. Callbacks run in the order of their times, those of the same time in the order
 * in which they were scheduled: the same calls give the same run.
 */
import { assert } from "../../core/base/assert.ts";
import type { Clock } from "../../core/base/clock.ts";
import { epochMs } from "../../core/base/ids.ts";

export interface VirtualClock extends Clock {
  /** Runs what falls due within that time, and what that schedules; returns how many callbacks ran. */
  advance(ms: number): number;
  /** The same, and lets promises settle before and after each callback: for code that awaits. */
  pass(ms: number): Promise<number>;
  /** Callbacks that are waiting. */
  pendingCount(): number;
  /** When the next callback is due; undefined when none waits. */
  nextDueMs(): number | undefined;
}

export interface VirtualClockOptions {
  readonly startMs?: number;
  /** A run of more callbacks than this has run wild. */
  readonly callbackCountMax?: number;
}

interface Waiting {
  readonly dueMs: number;
  readonly callback: () => void;
}

export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { startMs = Date.UTC(2026, 0, 1), callbackCountMax = 10_000_000 } = options;
  let nowMs = startMs;
  let callbackCount = 0;
  /** The next one last, so that it is taken off cheaply. */
  const waiting: Waiting[] = [];

  const place = (dueMs: number): number => {
    let low = 0;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((waiting[middle] as Waiting).dueMs > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const runNext = (untilMs: number): boolean => {
    const next = waiting.at(-1);
    if (next === undefined || next.dueMs > untilMs) return false;
    waiting.pop();
    nowMs = Math.max(nowMs, next.dueMs);
    callbackCount++;
    assert(
      callbackCount <= callbackCountMax,
      `more than ${callbackCountMax} callbacks: something reschedules for ever`,
    );
    next.callback();
    return true;
  };

  return {
    nowMs: () => epochMs(nowMs),
    schedule(delayMs, callback) {
      assert(delayMs >= 0, "a delay is not negative");
      const entry = { dueMs: nowMs + delayMs, callback };
      waiting.splice(place(entry.dueMs), 0, entry);
      return () => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
      };
    },
    advance(ms) {
      const before = callbackCount;
      const untilMs = nowMs + ms;
      while (runNext(untilMs));
      nowMs = untilMs;
      return callbackCount - before;
    },
    async pass(ms) {
      const before = callbackCount;
      const untilMs = nowMs + ms;
      await settled();
      while (runNext(untilMs)) await settled();
      nowMs = untilMs;
      return callbackCount - before;
    },
    pendingCount: () => waiting.length,
    nextDueMs: () => waiting.at(-1)?.dueMs,
  };
}

/** Everything that waits for promises alone has run when the event loop comes round. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
