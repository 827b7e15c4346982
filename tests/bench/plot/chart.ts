/**
 * One drawing of lines on logarithmic axes, as a function of its data. In such a drawing cost in proportion is a line
 * as steep as the faint diagonals, and a fixed cost is level.
 */
import { escapeText, px, renderPage, textWidth, wrapped, type Colours } from "./svg.ts";
import { logScale, niceRange, spreadLabels, type Scale } from "./scale.ts";

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  readonly min: number;
  readonly max: number;
}

export interface ChartLine {
  readonly label: string;
  readonly points: readonly ChartPoint[];
}

export interface Chart {
  readonly title: string;
  /** What is to be seen, in a sentence. */
  readonly subtitle: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
  readonly lines: readonly ChartLine[];
  readonly caption: readonly string[];
  readonly hasDiagonals: boolean;
}

/** Told apart by hue and lightness; the names are beside the lines in any case. */
const lineColours: readonly (readonly [string, string])[] = [
  ["#0969da", "#58a6ff"],
  ["#bc4c00", "#f0883e"],
  ["#1a7f37", "#3fb950"],
  ["#8250df", "#bc8cff"],
  ["#bf3989", "#f778ba"],
  ["#7d4e00", "#d29922"],
  ["#1b7c83", "#39c5cf"],
];
const colours: Colours = {
  ...Object.fromEntries(lineColours.map((themes, i) => [`c${i}`, themes])),
  major: ["#d1d9e0", "#30363d"],
  minor: ["#eaeef2", "#1a2029"],
  diagonal: ["#d8dee4", "#262c36"],
};
const styles = `.plot-line { fill: none; stroke-width: 2; stroke-linejoin: round }
.end { font-size: 13px }
.value { font-size: 11px }
`;

const width = 880;
const plotHeight = 330;
const top = 92;
const left = 76;
const labelGap = 17;
const labelIndent = 16;
const captionCharacters = 148;
/** Ranges of lines at the same place lie beside each other. */
const rangeOffset = 2.5;
/** Level lines look level: an axis spans at least this factor. */
const yFactorMin = 10;

interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly right: number;
  readonly bottom: number;
  px(value: number): number;
  py(value: number): number;
}

export function renderChart(chart: Chart): string {
  const frame = frameOf(chart);
  const caption = chart.caption.flatMap((text) => wrapped(text, captionCharacters));
  const height = frame.bottom + 66 + caption.length * 15;
  return renderPage({
    width,
    height,
    title: chart.title,
    description: `${chart.subtitle} ${chart.lines.map((line) => describe(line, chart)).join(" ")}`,
    colours,
    styles,
    body: [
      `<text class="heading" x="24" y="34">${escapeText(chart.title)}</text>`,
      `<text class="soft" x="24" y="55">${escapeText(chart.subtitle)}</text>`,
      ...gridOf(chart, frame),
      ...(chart.hasDiagonals ? diagonalsOf(frame) : []),
      ...chart.lines.map((line, i) => lineOf(line, i, frame)),
      ...labelsOf(chart, frame),
      ...caption.map(
        (text, i) => `<text class="soft small" x="24" y="${frame.bottom + 62 + i * 15}">${escapeText(text)}</text>`,
      ),
    ],
  });
}

function frameOf({ lines, yText }: Chart): Frame {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(({ x }) => x);
  const labelWidth = Math.max(
    ...lines.map((line) => textWidth(labelOf(line), 13) + textWidth(valueOf(line, yText), 11)),
  );
  const right = Math.round(width - labelWidth - labelIndent - 28);
  const bottom = top + plotHeight;
  const x = logScale(Math.min(...xs), Math.max(...xs), "decades");
  const y = logScale(
    ...niceRange(
      points.flatMap(({ min, max }) => [min, max]),
      yFactorMin,
    ),
  );
  const inset = 10;
  return {
    x,
    y,
    right,
    bottom,
    px: (value) => left + inset + x.at(value) * (right - left - 2 * inset),
    py: (value) => bottom - y.at(value) * (bottom - top),
  };
}

function gridOf(chart: Chart, frame: Frame): string[] {
  const { x, y, right, bottom } = frame;
  const vertical = (value: number, name: string): string =>
    `<path class="${name}-line" d="M${px(frame.px(value))} ${top}V${bottom}"/>`;
  const horizontal = (value: number, name: string): string =>
    `<path class="${name}-line" d="M${left} ${px(frame.py(value))}H${right}"/>`;
  return [
    ...y.minor.map((value) => horizontal(value, "minor")),
    ...x.ticks.map((value) => vertical(value, "major")),
    ...y.ticks.map((value) => horizontal(value, "major")),
    ...x.ticks.map(
      (value) =>
        `<text x="${px(frame.px(value))}" y="${bottom + 18}" text-anchor="middle">${escapeText(chart.xText(value))}</text>`,
    ),
    ...y.ticks.map(
      (value) =>
        `<text x="${left - 8}" y="${px(frame.py(value) + 4)}" text-anchor="end">${escapeText(chart.yText(value))}</text>`,
    ),
    `<text class="soft" x="${px((left + right) / 2)}" y="${bottom + 38}" text-anchor="middle">${escapeText(chart.xLabel)}</text>`,
    `<text class="soft" x="${left}" y="${top - 8}" text-anchor="start">${escapeText(chart.yLabel)}</text>`,
  ];
}

/** As steep as cost in proportion, a factor of ten apart. */
function diagonalsOf({ x, y, right, bottom, ...frame }: Frame): string[] {
  const rise = (frame.py(y.from) - frame.py(y.from * 10)) / (frame.px(x.from * 10) - frame.px(x.from));
  const step = frame.py(y.from) - frame.py(y.from * 10);
  const lines: string[] = [];
  for (let startY = bottom + rise * (right - left); startY > top; startY -= step) {
    const [fromX, fromY] = startY > bottom ? [left + (startY - bottom) / rise, bottom] : [left, startY];
    const endY = startY - rise * (right - left);
    const [toX, toY] = endY < top ? [left + (startY - top) / rise, top] : [right, endY];
    if (fromX < right)
      lines.push(
        `<path class="diagonal-line" stroke-dasharray="3 4" d="M${px(fromX)} ${px(fromY)}L${px(toX)} ${px(toY)}"/>`,
      );
  }
  return lines;
}

function lineOf({ points }: ChartLine, index: number, frame: Frame): string {
  const at = points.map((point) => ({ ...point, cx: px(frame.px(point.x)), cy: px(frame.py(point.y)) }));
  const offset = rangeOffset * (index % 2 === 0 ? index / 2 : -(index + 1) / 2);
  const path = at.map(({ cx, cy }, i) => `${i === 0 ? "M" : "L"}${cx} ${cy}`).join("");
  const ranges = at
    .filter(({ min, max }) => frame.py(min) - frame.py(max) > 2)
    .map(({ x, min, max }) => `M${px(frame.px(x) + offset)} ${px(frame.py(min))}V${px(frame.py(max))}`)
    .join("");
  const range = ranges === "" ? "" : `<path class="c${index}-line" stroke-opacity="0.45" d="${ranges}"/>`;
  const dots = at.map(({ cx, cy }) => `<circle class="c${index}" cx="${cx}" cy="${cy}" r="3.2"/>`).join("");
  return `${range}<path class="plot-line c${index}-line" d="${path}"/>${dots}`;
}

function labelsOf({ lines, yText }: Chart, frame: Frame): string[] {
  const ends = lines.map(({ points }) => points.at(-1) as ChartPoint);
  const wanted = ends.map(({ y }) => frame.py(y));
  const placed = spreadLabels(wanted, labelGap, top + 4, frame.bottom - 4);
  return lines.map((line, i) => {
    const end = ends[i] as ChartPoint;
    const y = placed[i] ?? 0;
    const x = frame.right + labelIndent;
    const leader = `<path class="c${i}-line" stroke-opacity="0.5" fill="none" d="M${px(frame.px(end.x) + 5)} ${px(frame.py(end.y))}L${px(x - 4)} ${px(y)}"/>`;
    return `${leader}<text class="end c${i}" x="${px(x)}" y="${px(y + 4)}">${escapeText(labelOf(line))}<tspan class="value soft">${escapeText(valueOf(line, yText))}</tspan></text>`;
  });
}

const labelOf = ({ label }: ChartLine): string => label;
const valueOf = ({ points }: ChartLine, yText: Chart["yText"]): string => `  ${yText(points.at(-1)?.y ?? 0)}`;

function describe({ label, points }: ChartLine, { xText, yText }: Chart): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  return `${label}: ${yText(first.y)} at ${xText(first.x)}, ${yText(last.y)} at ${xText(last.x)}.`;
}
