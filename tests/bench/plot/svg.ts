/** What every drawing needs: text that is safe in XML, numbers without noise, a card that is readable on any page. */

export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** To a tenth of a pixel; the same numbers give the same text. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** How wide text of that size is, about: no font can be measured here, and every reader has another one. */
export const textWidth = (text: string, fontSize: number): number => [...text].length * fontSize * 0.58;

/** Lines of at most so many characters, broken at spaces. */
export function wrapped(text: string, charactersMax: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + 1 + word.length <= charactersMax) rows[rows.length - 1] = `${row} ${word}`;
    else rows.push(word);
  }
  return rows;
}

/** By class name, for a light and for a dark page. */
export type Colours = Readonly<Record<string, readonly [light: string, dark: string]>>;

const pageColours = {
  card: ["#ffffff", "#0d1117"],
  edge: ["#d1d9e0", "#30363d"],
  ink: ["#1f2328", "#f0f6fc"],
  soft: ["#59636e", "#9198a1"],
} as const satisfies Colours;

export interface Page {
  readonly width: number;
  readonly height: number;
  /** For those who do not see it. */
  readonly title: string;
  readonly description: string;
  /** Fills: `.name`; strokes: `.name-line`. */
  readonly colours: Colours;
  readonly styles?: string;
  readonly body: readonly string[];
}

/** With a ground of its own: whatever the page decides, text and ground fit together. */
export function renderPage({ width, height, title, description, colours, styles = "", body }: Page): string {
  const all: Colours = { ...pageColours, ...colours };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escapeText(title)}</title>
<desc id="desc">${escapeText(description)}</desc>
<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: ${pageColours.ink[0]} }
.heading { font-size: 17px; font-weight: 600 }
.small { font-size: 11px }
${styles}${rulesOf(all, 0)}
@media (prefers-color-scheme: dark) {
text { fill: ${pageColours.ink[1]} }
${rulesOf(all, 1)}
}
</style>
<rect class="card edge-line" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${body.join("\n")}
</svg>
`;
}

function rulesOf(colours: Colours, theme: 0 | 1): string {
  return Object.entries(colours)
    .map(
      ([name, themes]) =>
        `.${name}, text.${name} { fill: ${themes[theme]} } .${name}-line { stroke: ${themes[theme]} }`,
    )
    .join("\n");
}
