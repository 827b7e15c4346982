/** A recording as an SVG that plays in a page without a script; whoever does not animate shows how it ended. */
import type { LineShown, Span } from "./terminal.ts";

const columnPx = 8.43;
const rowPx = 19;
const marginPx = 18;
const barPx = 34;
/** The end stands still for so long before it begins again. */
const restMs = 6000;

const colours: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
  90: "#8b949e",
};

export function terminalSvg(lines: readonly LineShown[], title: string): string {
  const rows = Math.max(...lines.map(({ row }) => row)) + 1;
  const columns = Math.max(...lines.map(({ spans }) => spans.reduce((total, { text }) => total + text.length, 0)), 72);
  const width = Math.ceil(2 * marginPx + columns * columnPx);
  const height = barPx + 2 * marginPx + rows * rowPx;
  const lastMs = Math.max(...lines.map(({ fromMs, toMs }) => toMs ?? fromMs));
  const duration = seconds(lastMs + restMs);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...["#ff5f56", "#ffbd2e", "#27c93f"].map((fill, i) => `<circle cx="${20 + 20 * i}" cy="18" r="6" fill="${fill}"/>`),
    `<text x="${width / 2}" y="23" text-anchor="middle" font-family="system-ui, sans-serif" font-size="13" fill="#8b949e">${escaped(title)}</text>`,
    `<rect width="0" height="0"><animate id="loop" attributeName="x" from="0" to="0" begin="0s;loop.end" dur="${duration}"/></rect>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3" xml:space="preserve">`,
    ...lines.map(lineElement),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** What stands at the end is visible but before its time; all else is hidden but in its time. */
function lineElement({ row, spans, fromMs, toMs }: LineShown): string {
  const y = barPx + marginPx + (row + 0.75) * rowPx;
  const text = spans.map(spanElement).join("");
  const from = `loop.begin+${seconds(fromMs)}`;
  if (toMs !== undefined) {
    const when = `<set attributeName="visibility" to="visible" begin="${from}" end="loop.begin+${seconds(toMs)}"/>`;
    return `<text x="${marginPx}" y="${y}" visibility="hidden">${text}${when}</text>`;
  }
  const before = fromMs === 0 ? "" : `<set attributeName="visibility" to="hidden" begin="loop.begin" end="${from}"/>`;
  return `<text x="${marginPx}" y="${y}">${text}${before}</text>`;
}

function spanElement({ text, colour, bold, dim }: Span): string {
  const fill = colours[colour] === undefined ? "" : ` fill="${colours[colour]}"`;
  const look = `${fill}${bold ? ' font-weight="700"' : ""}${dim ? ' opacity="0.65"' : ""}`;
  return look === "" ? escaped(text) : `<tspan${look}>${escaped(text)}</tspan>`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)}s`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
