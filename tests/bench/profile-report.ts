/**
 * Who used the time, from the CPU profiles that the child processes left: self time by function, as a share of the time
 * in which the thread did anything. WebAssembly has no names here, so its time counts for the function that called it.
 * The samples are by the wall clock: on a machine that does other things all of them grow, the shares stay.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of V8's format that we read (Chrome DevTools Protocol, Profiler.Profile). */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly children?: readonly number[];
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

const functionsShown = 25;

export function profileReport(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  return names.map((name) => `${name}\n${reportOf(join(folder, name))}`).join("\n\n");
}

function reportOf(path: string): string {
  const profile = JSON.parse(readFileSync(path, "utf8")) as Profile;
  const titles = titlesOf(profile);
  const microsByTitle = new Map<string, number>();
  const idleNodes = new Set(profile.nodes.filter(isIdle).map(({ id }) => id));
  let busyMicros = 0;
  let idleMicros = 0;
  profile.samples.forEach((id, i) => {
    const micros = profile.timeDeltas[i] ?? 0;
    if (idleNodes.has(id)) idleMicros += micros;
    const title = titles.get(id);
    if (title === undefined) return;
    busyMicros += micros;
    microsByTitle.set(title, (microsByTitle.get(title) ?? 0) + micros);
  });
  const busiest = [...microsByTitle].sort((a, b) => b[1] - a[1]).slice(0, functionsShown);
  const lines = busiest.map(([title, micros]) => {
    const percent = ((100 * micros) / busyMicros).toFixed(1).padStart(5);
    return `  ${percent} %  ${(micros / 1000).toFixed(0).padStart(5)} ms  ${title}`;
  });
  const idle = `(and ${(idleMicros / 1000).toFixed(0)} ms idle)`;
  return [`  100.0 %  ${(busyMicros / 1000).toFixed(0).padStart(5)} ms  busy ${idle}`, ...lines].join("\n");
}

/** By node; none for what is not the measured program: waiting, and the profiler's own start. */
function titlesOf({ nodes }: Profile): Map<number, string> {
  const titles = new Map<number, string>();
  const callers = new Map<number, string>();
  // Parents come before their children.
  for (const node of nodes) {
    const { id, children = [], callFrame } = node;
    const isWasm = callFrame.url.startsWith("wasm:") || callFrame.functionName.startsWith("js-to-wasm");
    const caller = isWasm ? (callers.get(id) ?? "?") : titleOf(callFrame);
    if (!isOutside(node)) titles.set(id, isWasm ? `${caller}, in WebAssembly` : caller);
    for (const child of children) callers.set(child, caller);
  }
  return titles;
}

export const isIdle = ({ callFrame }: ProfileNode): boolean => callFrame.functionName === "(idle)";

/** The inspector's own command to start, which takes up to some hundred milliseconds, is called just that. */
export function isOutside(node: ProfileNode): boolean {
  return isIdle(node) || (node.callFrame.functionName === "dispatch" && node.callFrame.url === "");
}

function titleOf({ functionName, url, lineNumber }: ProfileNode["callFrame"]): string {
  const place = url
    .replace(/^.*\/(library|dist|node_modules)\/(?=core|events|schema|ws|sql)/, "")
    .replace(/^.*\/bench\//, "");
  const name = functionName === "" ? "(anonymous)" : functionName;
  return place === "" ? name : `${name}  ${place}:${lineNumber + 1}`;
}
