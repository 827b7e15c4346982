/** Time, processor time and memory of this process, as the operating system says. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import type { Setup, Span } from "./messages.ts";

/** Five times as fine as V8's own interval: a transfer takes some hundred milliseconds. */
const sampleIntervalMicros = 200;

export interface Stopwatch {
  stop(): Promise<Span>;
}

/** Measures from now on; with a profile under that name when profiles are asked for. */
export async function startStopwatch({ role, profileFolder }: Setup, name: string): Promise<Stopwatch> {
  const session = profileFolder === undefined ? undefined : await startProfile();
  const cpuAtStart = process.cpuUsage();
  const startedAtMs = performance.now();
  return {
    async stop() {
      const seconds = (performance.now() - startedAtMs) / 1000;
      const { user, system } = process.cpuUsage(cpuAtStart);
      if (session !== undefined) {
        const { profile } = await session.post("Profiler.stop");
        session.disconnect();
        writeFileSync(freePath(profileFolder ?? "", `${name}-${role}`), JSON.stringify(profile));
      }
      return { seconds, cpuSeconds: (user + system) / 1e6 };
    },
  };
}

/** Several processes of one role may measure the same: the second is called so. */
function freePath(folder: string, name: string): string {
  const pathOf = (number: number): string => join(folder, `${name}${number > 1 ? `-${number}` : ""}.cpuprofile`);
  let number = 1;
  while (existsSync(pathOf(number))) number++;
  return pathOf(number);
}

async function startProfile(): Promise<Session> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: sampleIntervalMicros });
  await session.post("Profiler.start");
  return session;
}

/**
 * The most memory that this process ever had. On Linux from its own address space: getrusage(2) there reports a parent's
 * peak for a child that has yet to grow beyond it.
 */
export function peakRssBytes(): number {
  const kibibytes = process.platform === "linux" ? peakOfAddressSpace() : undefined;
  return (kibibytes ?? process.resourceUsage().maxRSS) * 1024;
}

function peakOfAddressSpace(): number | undefined {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return found === null ? undefined : Number(found[1]);
}
