/**
 * What a terminal would show of a recording: lines, each with the times between which it stood there. As much of the
 * control codes (ECMA-48) as progress bars use: carriage return, erasing, cursor movement, colours.
 */

export interface Chunk {
  readonly atMs: number;
  readonly text: string;
}

/** Characters of one look. */
export interface Span {
  readonly text: string;
  /** An SGR colour (31 to 37, 90 to 97), 0 for the default. */
  readonly colour: number;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** One line as it stood for a while. */
export interface LineShown {
  readonly row: number;
  readonly spans: readonly Span[];
  readonly fromMs: number;
  /** Undefined: to the end. */
  readonly toMs: number | undefined;
}

type Look = Omit<Span, "text">;
interface Cell extends Look {
  readonly character: string;
}

const plain: Look = { colour: 0, bold: false, dim: false };
const token = /\u001b\[([?\d;]*)([A-Za-z])|[\r\n]|[^\u001b\r\n]/gu;
/** A recording longer than this is not one for a page. */
const tokensMax = 2_000_000;

export function replay(chunks: readonly Chunk[]): LineShown[] {
  const screen = new Screen();
  const shown: LineShown[] = [];
  const standing = new Map<number, { key: string; spans: readonly Span[]; fromMs: number }>();
  let tokens = 0;
  for (const { atMs, text } of chunks) {
    for (const match of text.matchAll(token)) {
      if (++tokens > tokensMax) throw new Error("the recording is too long");
      screen.take(match[0], match[1] ?? "", match[2]);
    }
    screen.rows.forEach((cells, row) => {
      const spans = spansOf(cells);
      const key = JSON.stringify(spans);
      const before = standing.get(row);
      if (before?.key === key) return;
      if (before !== undefined && before.spans.length > 0 && before.fromMs < atMs) {
        shown.push({ row, spans: before.spans, fromMs: before.fromMs, toMs: atMs });
      }
      standing.set(row, { key, spans, fromMs: atMs });
    });
  }
  for (const [row, { spans, fromMs }] of standing)
    if (spans.length > 0) shown.push({ row, spans, fromMs, toMs: undefined });
  return shown;
}

class Screen {
  readonly rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #look = plain;

  take(whole: string, parameters: string, command: string | undefined): void {
    if (command !== undefined) return this.#control(parameters, command);
    if (whole === "\r") this.#column = 0;
    else if (whole === "\n") this.#moveTo(this.#row + 1, 0);
    else {
      const cells = this.#line();
      while (cells.length < this.#column) cells.push({ ...plain, character: " " });
      cells[this.#column++] = { ...this.#look, character: whole };
    }
  }

  #line(): Cell[] {
    return this.rows[this.#row] as Cell[];
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = Math.max(0, column);
    while (this.rows.length <= this.#row) this.rows.push([]);
  }

  #control(parameters: string, command: string): void {
    const n = Number(parameters) || 1;
    if (command === "A") this.#moveTo(this.#row - n, this.#column);
    else if (command === "B") this.#moveTo(this.#row + n, this.#column);
    else if (command === "C") this.#moveTo(this.#row, this.#column + n);
    else if (command === "D") this.#moveTo(this.#row, this.#column - n);
    else if (command === "G") this.#moveTo(this.#row, n - 1);
    else if (command === "K")
      this.#line().length = parameters === "2" ? 0 : Math.min(this.#line().length, this.#column);
    else if (command === "J") this.#eraseBelow();
    else if (command === "m")
      for (const each of parameters.split(";")) this.#look = lookAfter(this.#look, Number(each));
  }

  #eraseBelow(): void {
    this.#line().length = Math.min(this.#line().length, this.#column);
    for (const cells of this.rows.slice(this.#row + 1)) cells.length = 0;
  }
}

function lookAfter(look: Look, code: number): Look {
  if (code === 0) return plain;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, colour: 0 };
  return (code >= 30 && code <= 37) || (code >= 90 && code <= 97) ? { ...look, colour: code } : look;
}

function spansOf(cells: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  for (const { character, ...look } of cells) {
    const last = spans[spans.length - 1];
    const isSame = last?.colour === look.colour && last.bold === look.bold && last.dim === look.dim;
    if (isSame) spans[spans.length - 1] = { ...look, text: last.text + character };
    else spans.push({ ...look, text: character });
  }
  const isBlank = spans.every(({ text }) => text.trim() === "");
  return isBlank ? [] : spans;
}
