/**
 * A CPU profile of V8 as a tree that can be drawn: functions by name and place, each with its layer. What waits is left
 * out. Node's own frames that follow each other are one, and so are those of a package and those within WebAssembly,
 * which has no names: what they do inside is not ours to change.
 */
import { isIdle, isOutside, type Profile, type ProfileNode } from "../profile-report.ts";

export const layers = {
  wasm: "WebAssembly",
  crypto: "crypto",
  log: "log, storage, SQL",
  sync: "sync",
  channel: "channel",
  transport: "transport",
  host: "host, api, file",
  codec: "codec, base",
  node: "Node, built-ins",
  gc: "garbage collection",
} as const;
export type Layer = keyof typeof layers;

export interface Frame {
  readonly name: string;
  /** Path within the repository or name of the package; empty for what is built in. */
  readonly place: string;
  readonly layer: Layer;
  /** With everything that it called. */
  readonly micros: number;
  readonly selfMicros: number;
  /** The longest first. */
  readonly children: readonly Frame[];
}

interface Growing {
  readonly name: string;
  readonly place: string;
  readonly layer: Layer;
  selfMicros: number;
  readonly children: Map<string, Growing>;
}

export interface Folded {
  readonly root: Frame;
  readonly idleMicros: number;
}

export function foldProfile(profile: Profile): Folded {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const micros = new Map<number, number>();
  profile.samples.forEach((id, i) => micros.set(id, (micros.get(id) ?? 0) + Math.max(0, profile.timeDeltas[i] ?? 0)));
  const all: Growing = { name: "all", place: "", layer: "node", selfMicros: 0, children: new Map() };
  let idleMicros = 0;
  const add = (node: ProfileNode, parent: Growing): void => {
    const own = micros.get(node.id) ?? 0;
    if (isIdle(node)) idleMicros += own;
    if (isOutside(node)) return;
    const frame = node.callFrame.functionName === "(root)" ? parent : childOf(parent, node.callFrame);
    frame.selfMicros += own;
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child !== undefined) add(child, frame);
    }
  };
  const [first] = profile.nodes;
  if (first !== undefined) add(first, all);
  return { root: finished(all), idleMicros };
}

function childOf(parent: Growing, callFrame: ProfileNode["callFrame"]): Growing {
  const place = placeOf(callFrame);
  const layer = layerOf(callFrame, place);
  const isOneBlock = layer === "wasm" || isForeign(place);
  if (isOneBlock && parent.layer === layer && blockOf(parent.place) === blockOf(place) && parent.name !== "all")
    return parent;
  const name = nameOf(callFrame, layer);
  const key = `${name} ${place}`;
  let child = parent.children.get(key);
  if (child === undefined)
    parent.children.set(key, (child = { name, place, layer, selfMicros: 0, children: new Map() }));
  return child;
}

/** Not of the repository. */
const isForeign = (place: string): boolean => !/^(core|events|schema)\//.test(place);
/** All of Node is one, whichever of its modules. */
const blockOf = (place: string): string => (place.startsWith("node:") ? "" : place);

function finished({ name, place, layer, selfMicros, children }: Growing): Frame {
  const done = [...children.values()].map(finished).sort((a, b) => b.micros - a.micros || (a.name < b.name ? -1 : 1));
  const micros = done.reduce((sum, child) => sum + child.micros, selfMicros);
  return { name, place, layer, micros, selfMicros, children: done };
}

/** Frames shorter than that become one beside their siblings, or nothing when they are shorter together. */
export function pruned(frame: Frame, leastMicros: number): Frame {
  const kept = frame.children.filter(({ micros }) => micros >= leastMicros).map((child) => pruned(child, leastMicros));
  const small = frame.children.filter(({ micros }) => micros < leastMicros);
  const micros = small.reduce((sum, child) => sum + child.micros, 0);
  if (micros < leastMicros) return { ...frame, children: kept };
  const rest: Frame = {
    name: `${small.length} smaller`,
    place: "",
    layer: small[0]?.layer ?? frame.layer,
    micros,
    selfMicros: micros,
    children: [],
  };
  return { ...frame, children: [...kept, rest] };
}

/** Self time by layer. */
export function microsByLayer(frame: Frame, sums = new Map<Layer, number>()): ReadonlyMap<Layer, number> {
  sums.set(frame.layer, (sums.get(frame.layer) ?? 0) + frame.selfMicros);
  for (const child of frame.children) microsByLayer(child, sums);
  return sums;
}

/** Without what lies before the repository or the packages: a path of one machine says nothing to others. */
function placeOf({ url }: ProfileNode["callFrame"]): string {
  const own = /\/((?:core|events|schema)\/[\w./-]+?)\.[jt]s$/.exec(url);
  if (own !== null && !url.includes("/node_modules/kysely/")) return own[1] ?? "";
  if (url.startsWith("node:")) return url;
  const packages = url.split("/node_modules/").at(-1) ?? "";
  if (url.includes("/node_modules/") && !packages.startsWith(".cache/")) return packages.split("/")[0] ?? "";
  return url === "" || url.startsWith("wasm:") ? "" : (url.split("/").at(-1) ?? "");
}

const layersOfFolders: readonly (readonly [prefix: string, layer: Layer])[] = [
  ["core/crypto/", "crypto"],
  ["core/log/", "log"],
  ["core/storage/", "log"],
  ["schema/", "log"],
  ["events/", "log"],
  ["sql.js", "log"],
  ["kysely", "log"],
  ["core/sync/", "sync"],
  ["bloom-filters", "sync"],
  ["core/channel/", "channel"],
  ["core/transport/", "transport"],
  ["ws", "transport"],
  ["core/codec/", "codec"],
  ["core/base/", "codec"],
  ["core/", "host"],
  ["immer", "host"],
];

function layerOf({ functionName, url }: ProfileNode["callFrame"], place: string): Layer {
  if (functionName === "(garbage collector)") return "gc";
  if (url.startsWith("wasm:") || functionName.startsWith("js-to-wasm")) return "wasm";
  return layersOfFolders.find(([prefix]) => place.startsWith(prefix))?.[1] ?? "node";
}

function nameOf({ functionName }: ProfileNode["callFrame"], layer: Layer): string {
  if (layer === "wasm") return "WebAssembly";
  if (layer === "gc") return "garbage collection";
  if (functionName === "(program)") return "native code";
  return functionName === "" ? "(anonymous)" : functionName;
}
