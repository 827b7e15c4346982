/** A folded profile as a drawing: who called whom goes down, the share of the time is the width. */
import { escapeText, px, renderPage, textWidth, wrapped, type Colours } from "./svg.ts";
import { layers, microsByLayer, pruned, type Folded, type Frame, type Layer } from "./flame-fold.ts";

/** Shorter frames are merged, so that a drawing stays a few dozen KB. */
const leastShare = 0.003;

const width = 1200;
const margin = 20;
const rowHeight = 19;
const fontSize = 11;
/** A narrower frame has no room for a letter. */
const namedWidthMin = 24;
const legendTop = 72;
const legendColumns = 5;
const legendRowHeight = 20;

/** Light on any page, so that the ink on them is always dark. */
const layerColours = {
  wasm: "#f2a65a",
  crypto: "#f6cf65",
  log: "#8fc7a1",
  sync: "#86b6ef",
  channel: "#c5a3ec",
  transport: "#6ecbd1",
  host: "#e79ac0",
  codec: "#b9cf6a",
  node: "#c3c9d1",
  gc: "#ee8a80",
} as const satisfies Record<Layer, string>;

const layerNames = Object.keys(layers) as Layer[];

export function renderFlame({ root, idleMicros }: Folded, title: string): string {
  const shown = pruned(root, root.micros * leastShare);
  const legend = legendOf(root);
  const top = legendTop + Math.ceil(layerNames.length / legendColumns) * legendRowHeight + 8;
  const rows = depthOf(shown);
  const notes = notesOf(root, idleMicros);
  const captionTop = top + rows * rowHeight + 22;
  const all = Math.max(1, shown.micros);
  const scale = (width - 2 * margin) / all;
  const colours: Colours = Object.fromEntries(
    layerNames.map((name) => [name, [layerColours[name], layerColours[name]]]),
  );
  return renderPage({
    width,
    height: captionTop + notes.length * 15,
    title,
    description: notes.join(" "),
    colours,
    styles: `.frame text, .frame text tspan { font-size: ${fontSize}px; fill: #1f2328 }\n.frame rect { stroke: #ffffff; stroke-width: 0.6 }\n`,
    body: [
      `<text class="heading" x="${margin}" y="34">${escapeText(title)}</text>`,
      `<text class="soft" x="${margin}" y="55">Each function is called by the one above it; its width is its share of the time. The legend counts what ran in each layer itself.</text>`,
      ...legend,
      `<g class="frame">`,
      ...framesOf(shown, { x: margin, y: top, scale, all }),
      `</g>`,
      ...notes.map(
        (text, i) => `<text class="soft small" x="${margin}" y="${captionTop + i * 15}">${escapeText(text)}</text>`,
      ),
    ],
  });
}

function notesOf(root: Frame, idleMicros: number): string[] {
  const text = `The thread was busy for ${milliseconds(root.micros)}; another ${milliseconds(idleMicros)} in which it waited are left out. Sampled by V8 at the clock on the wall. Functions below ${100 * leastShare} % are merged. Opened by itself, the drawing tells the share of a function that the pointer is on.`;
  return wrapped(text, 190);
}

function legendOf(root: Frame): string[] {
  const sums = microsByLayer(root);
  const column = (width - 2 * margin) / legendColumns;
  return layerNames.flatMap((name, i) => {
    const x = margin + (i % legendColumns) * column;
    const y = legendTop + Math.floor(i / legendColumns) * legendRowHeight;
    const share = percent((sums.get(name) ?? 0) / Math.max(1, root.micros));
    return [
      `<rect class="${name}" x="${px(x)}" y="${y}" width="13" height="13" rx="2"/>`,
      `<text x="${px(x + 19)}" y="${y + 11}">${escapeText(layers[name])}<tspan class="soft">  ${share}</tspan></text>`,
    ];
  });
}

interface Where {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly all: number;
}

function framesOf(frame: Frame, where: Where): string[] {
  let x = where.x;
  const below = frame.children.flatMap((child) => {
    const drawn = framesOf(child, { ...where, x, y: where.y + rowHeight });
    x += child.micros * where.scale;
    return drawn;
  });
  return [frameOf(frame, where), ...below];
}

function frameOf(frame: Frame, { x, y, scale, all }: Where): string {
  const wide = frame.micros * scale;
  const share = `${percent(frame.micros / all)}, ${milliseconds(frame.micros)}; itself ${percent(frame.selfMicros / all)}`;
  const title = `${frame.name}${frame.place === "" ? "" : ` (${frame.place})`}: ${share}`;
  const rect = `<rect class="${frame.layer}" x="${px(x)}" y="${y}" width="${px(wide)}" height="${rowHeight - 1}"/>`;
  const text =
    wide < namedWidthMin ? "" : `<text x="${px(x + 4)}" y="${y + 13}">${escapeText(fitted(frame, wide - 8))}</text>`;
  return `<g><title>${escapeText(title)}</title>${rect}${text}</g>`;
}

/** With its place where there is room, and as much of its name as there is. */
function fitted({ name, place }: Frame, room: number): string {
  const whole = place === "" ? name : `${name}  ${place}`;
  if (textWidth(whole, fontSize) <= room) return whole;
  if (textWidth(name, fontSize) <= room) return name;
  const characters = Math.floor(room / textWidth("x", fontSize)) - 1;
  return characters < 2 ? "" : `${name.slice(0, characters)}…`;
}

const depthOf = (frame: Frame): number => 1 + Math.max(0, ...frame.children.map(depthOf));
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const milliseconds = (micros: number): string => `${(micros / 1000).toFixed(0)} ms`;
