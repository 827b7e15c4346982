/** What the machine as a whole does, from Linux's /proc: whether a run was disturbed, and what went over loopback. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Of /proc/stat, on every Linux that Node runs on. */
const ticksPerSecond = 100;
const lookMs = 1000;
/** Of a second of one core. */
const idleCpuSeconds = 0.15;
const secondsAllowed = 0.05;
const shareAllowed = 0.1;

/** Processor time that everything together has used: user, nice, system, interrupts. */
export function machineCpuSeconds(): number {
  const ticks = (readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "").trim().split(/\s+/).map(Number);
  return [1, 2, 3, 6, 7].reduce((total, column) => total + (ticks[column] ?? 0), 0) / ticksPerSecond;
}

/** Received over loopback, which is also what was sent. */
export function loopbackBytes(): number {
  const line = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .find((each) => each.trim().startsWith("lo:"));
  return Number(line?.trim().split(/[:\s]+/)[1]);
}

/** Waits until the machine did nearly nothing for a second, but not forever. Answers with what it did then. */
export async function awaitQuiet(waitSecondsMax: number): Promise<number> {
  const giveUpAtMs = performance.now() + waitSecondsMax * 1000;
  for (;;) {
    const before = machineCpuSeconds();
    await sleep(lookMs);
    const used = machineCpuSeconds() - before;
    if (used <= idleCpuSeconds || performance.now() > giveUpAtMs) return used;
  }
}

/** So much of others' work moves a run's time. */
export const isNoisy = (seconds: number, foreignCpuSeconds: number): boolean =>
  foreignCpuSeconds > secondsAllowed + shareAllowed * seconds;
