/**
 * A recording as one SVG that moves by CSS alone and needs no font of its own. Where nothing moves (a printer, a reader
 * who wants no motion) it is the last screen. Each run of text is stretched to its cells, so columns line up in whatever
 * monospace font there is; bars are drawn, since fonts disagree about block characters.
 */
import type { RowVersion, Screen, Span } from "./screen.ts";

const cellWidth = 8.4;
const rowHeight = 20;
const margin = 18;
const titleHeight = 30;
const columns = 80;
/** How long the last screen stays before it begins again. */
const holdMs = 6000;

const colours = `
    .screen { fill: #0d1117 } .edge { fill: none; stroke: #30363d } .dot { fill: #30363d }
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
    .plain { fill: #c9d1d9 } .strong { fill: #f0f6fc; font-weight: 600 } .faint { fill: #8b949e }
    .good { fill: #3fb950 } .bad { fill: #f85149 } .full { fill: #39c5cf } .empty { fill: #21262d }
    .past { visibility: hidden }`;

export function renderSvg(screen: Screen, command: string): string {
  const endMs = Math.max(0, ...screen.versions.map(({ fromMs }) => fromMs)) + holdMs;
  const lastRow = Math.max(0, ...screen.versions.map(({ row }) => row));
  const width = Math.ceil(columns * cellWidth + 2 * margin);
  const height = Math.ceil(titleHeight + (lastRow + 2) * rowHeight + margin);
  const animations: string[] = [];
  const rows = screen.versions.map((version, index) => {
    animations.push(animationOf(version, index, endMs));
    const past = version.toMs === undefined ? "" : ` class="past"`;
    return `<g id="v${index}"${past}>${version.spans.map((span) => spanOf(span, version.row + 1)).join("")}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xml:space="preserve" role="img" aria-label="A recording of ${escapeText(command)}">
  <style>${colours}
    @media (prefers-reduced-motion: no-preference) {
${animations.join("\n")}
    }
  </style>
  <rect class="screen" width="${width}" height="${height}" rx="8"/>
  <rect class="edge" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  ${[0, 1, 2].map((dot) => `<circle class="dot" cx="${margin + 4 + dot * 18}" cy="18" r="5.5"/>`).join("")}
  ${spanOf({ column: 0, text: `$ ${command}`, style: "plain" }, 0)}
  ${rows.join("\n  ")}
</svg>
`;
}

/** Steps, not transitions: a terminal does not fade. */
function animationOf({ fromMs, toMs }: RowVersion, index: number, endMs: number): string {
  const at = (ms: number): string => `${((100 * ms) / endMs).toFixed(2)}%`;
  const leave = toMs === undefined ? "" : ` ${at(toMs)} { visibility: hidden }`;
  const frames = `0% { visibility: hidden } ${at(fromMs)} { visibility: visible }${leave}`;
  return `      @keyframes k${index} { ${frames} } #v${index} { animation: k${index} ${(endMs / 1000).toFixed(1)}s step-end infinite }`;
}

function spanOf({ column, text, style }: Span, row: number): string {
  if (style === "bar") return barOf(column, text, row);
  const start = column + text.length - text.trimStart().length;
  const shown = text.trim();
  const x = (margin + start * cellWidth).toFixed(1);
  const length = ([...shown].length * cellWidth).toFixed(1);
  return `<text class="${style}" x="${x}" y="${baselineOf(row)}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escapeText(shown)}</text>`;
}

function barOf(column: number, text: string, row: number): string {
  const full = [...text].filter((character) => character === "█").length;
  const part = (from: number, cells: number, name: string): string =>
    cells === 0
      ? ""
      : `<rect class="${name}" x="${(margin + from * cellWidth).toFixed(1)}" y="${baselineOf(row) - 11}" width="${(cells * cellWidth).toFixed(1)}" height="12"/>`;
  return part(column, full, "full") + part(column + full, text.length - full, "empty");
}

const baselineOf = (row: number): number => titleHeight + margin + row * rowHeight;

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
