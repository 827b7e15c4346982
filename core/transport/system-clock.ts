/**
 * The real clock. Its timers keep a Node process alive, on purpose: a transfer that waits to dial again has no socket
 * open, only a timer, and must not end because of that. So whoever schedules takes back what is left when it closes.
 */
import type { Clock } from "../base/clock.ts";
import { epochMs } from "../base/ids.ts";

/** A longer setTimeout would fire at once: the delay is a signed 32-bit number (HTML, section 8.6). */
const timerDelayMsMax = 2 ** 31 - 1;

export function systemClock(): Clock {
  return {
    nowMs: () => epochMs(Date.now()),
    schedule(delayMs, callback) {
      // Measured on the monotonic clock: the wall clock may be set while we wait.
      const dueMs = performance.now() + delayMs;
      let timer = setTimeout(fire, Math.min(delayMs, timerDelayMsMax));
      return () => clearTimeout(timer);

      // Timers fire up to a millisecond early, and long delays take several of them.
      function fire(): void {
        const leftMs = Math.ceil(dueMs - performance.now());
        if (leftMs <= 0) callback();
        else timer = setTimeout(fire, Math.min(leftMs, timerDelayMsMax));
      }
    },
  };
}
