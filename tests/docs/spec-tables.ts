/** The tables of FOCUSED_FILE_SYNC.md that follow from the code: errors, and the limits that an app meets. */
import { errorTable, type Fault } from "../../core/errors.ts";
import * as limits from "../../core/limits.ts";
import { code, grouped, table } from "./markdown.ts";

const faultTitles: Readonly<Record<Fault, string>> = {
  app: "The app called wrongly",
  source: "The bytes to attach were not what they should be",
  storage: "The store",
  state: "The call does not fit the state of the file",
  peer: "What a peer sent, and connections",
};

/** By whose fault it is. */
export function errorTables(): string {
  const rows = Object.entries(errorTable);
  return (Object.keys(faultTitles) as Fault[])
    .map((fault) => {
      const own = rows.filter(([, row]) => row.fault === fault);
      const cells = own.map(([name, { retryable, meaning }]) => [code(name), retryable ? "yes" : "no", meaning]);
      return `**${faultTitles[fault]}** (\`fault\` is \`"${fault}"\`)\n\n${table(["code", "retryable", "meaning"], cells)}`;
    })
    .join("\n\n");
}

type LimitName = keyof typeof limits;

/** Those that an app or its users can run into; the others are the engine's own business. */
const userLimits: readonly LimitName[] = [
  "sliceCountMax",
  "nameBytesMax",
  "mediaTypeBytesMax",
  "previewBytesMax",
  "eventBytesMax",
  "eventFutureMsMax",
  "priorityMin",
  "priorityMax",
  "priorityDefault",
  "progressIntervalMs",
  "speedWindowMs",
  "inFlightBytesMax",
  "requestSlicesMax",
  "askAgainMs",
  "syncIntervalMs",
  "handshakeTimeoutMs",
  "reconnectDelayMsMin",
  "reconnectDelayMsMax",
  "heartbeatIntervalMs",
  "connectionCountMax",
];

/** `source` is the text of core/limits.ts: the reasons are its comments. */
export function limitsTable(source: string): string {
  const rows = userLimits.map((name) => [code(name), valueText(name, limits[name]), reasonOf(source, name)]);
  return table(["limit", "value", "reason"], rows);
}

function valueText(name: string, value: number): string {
  if (/Ms(Min|Max)?$/.test(name)) return durationText(value);
  return /Bytes(Min|Max)?$/.test(name) ? `${grouped(value)} bytes` : grouped(value);
}

function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 3_600_000 ? `${grouped(ms / 1000)} s` : `${grouped(ms / 3_600_000)} h`;
}

/** The comment right above the constant. */
function reasonOf(source: string, name: string): string {
  const lines = source.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`export const ${name} `));
  const comment = /^\/\*\* (.*) \*\/$/.exec(lines[at - 1] ?? "")?.[1];
  if (comment === undefined)
    throw new Error(`core/limits.ts gives no reason for ${name}: write one on the line above it`);
  return comment;
}
