/**
 * How long the event loop was held: the longest time for which a timer that was due had to wait. Asked in two ways, by a
 * timer of our own and by Node's histogram; the larger counts. What the machine took away and what the collector took is
 * in it, as an app would feel it; both are told beside it, so that nobody has to guess.
 */
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { cpuLookIntervalMs, probeIntervalMs } from "../limits.ts";

export interface LoopHeld {
  readonly heldMs: number;
  /** CPU time of the process within the longest gap of our own timer; far less than the gap: the machine was elsewhere. */
  readonly heldCpuMs: number;
  readonly longestCollectionMs: number;
}

export interface LoopProbe {
  stop(): LoopHeld;
}

export function startLoopProbe(): LoopProbe {
  const histogram = monitorEventLoopDelay({ resolution: probeIntervalMs });
  histogram.enable();
  let longestCollectionMs = 0;
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestCollectionMs = Math.max(longestCollectionMs, duration);
  });
  collections.observe({ entryTypes: ["gc"] });
  const own = startTimer();
  return {
    stop() {
      histogram.disable();
      collections.disconnect();
      const { heldMs, heldCpuMs } = own.stop();
      // Both count from one firing to the next: the interval itself is no delay.
      return { heldMs: Math.max(heldMs, histogram.max / 1e6) - probeIntervalMs, heldCpuMs, longestCollectionMs };
    },
  };
}

/** CPU time is looked at every now and then and after gaps only: on some systems to look takes a fifth of a millisecond. */
function startTimer(): { stop(): { heldMs: number; heldCpuMs: number } } {
  let [heldMs, heldCpuMs] = [0, 0];
  let lastMs = performance.now();
  let looked = { atMs: lastMs, cpuMs: cpuMsNow() };
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const gapMs = nowMs - lastMs;
    lastMs = nowMs;
    const isLongest = gapMs > heldMs;
    if (!isLongest && nowMs - looked.atMs < cpuLookIntervalMs) return;
    const now = { atMs: nowMs, cpuMs: cpuMsNow() };
    // Of what was used since the last look the gap's share.
    if (isLongest) heldCpuMs = ((now.cpuMs - looked.cpuMs) * gapMs) / (nowMs - looked.atMs);
    if (isLongest) heldMs = gapMs;
    looked = now;
  }, probeIntervalMs);
  return {
    stop() {
      clearInterval(timer);
      return { heldMs, heldCpuMs };
    },
  };
}

function cpuMsNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
