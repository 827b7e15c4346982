/**
 * As much of a terminal as the demo needs: text, line feeds, carriage returns, erasing a line, and five styles. It
 * remembers when each row changed, so that a recording is a list of versions of rows. Rows never scroll away.
 */

export type Style = "plain" | "strong" | "faint" | "good" | "bad" | "bar";

export interface Span {
  /** From 0. */
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

export interface RowVersion {
  readonly row: number;
  readonly fromMs: number;
  /** Undefined: it is there at the end. */
  toMs: number | undefined;
  readonly spans: readonly Span[];
}

interface Cell {
  readonly character: string;
  readonly style: Style;
}

const styles: Readonly<Record<string, Style>> = {
  "0": "plain",
  "1": "strong",
  "2": "faint",
  "31": "bad",
  "32": "good",
  "36": "bar",
};
/** An escape sequence (ECMA-48, section 5.4), or one character. */
const piece = /\u001b\[([0-9;?]*)([A-Za-z])|[^\u001b]/gu;

export class Screen {
  readonly versions: RowVersion[] = [];
  readonly #rows: Cell[][] = [[]];
  readonly #shown = new Map<number, RowVersion>();
  #row = 0;
  #column = 0;
  #style: Style = "plain";

  get rowCount(): number {
    return this.#rows.length;
  }

  write(text: string): void {
    for (const [character, argument, command] of text.matchAll(piece)) {
      if (command === "m") this.#style = styles[argument ?? ""] ?? "plain";
      else if (command === "K") this.#rows[this.#row] = [];
      else if (command === undefined) this.#put(character);
    }
  }

  /** Notes which rows are different since the last call. */
  look(atMs: number): void {
    this.#rows.forEach((cells, row) => {
      const spans = spansOf(cells);
      const before = this.#shown.get(row);
      if (JSON.stringify(before?.spans ?? []) === JSON.stringify(spans)) return;
      if (before !== undefined) before.toMs = atMs;
      const version = { row, fromMs: atMs, toMs: undefined, spans };
      this.#shown.set(row, version);
      this.versions.push(version);
    });
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") {
      this.#row++;
      if (this.#row === this.#rows.length) this.#rows.push([]);
    } else (this.#rows[this.#row] as Cell[])[this.#column++] = { character, style: this.#style };
  }
}

function spansOf(cells: readonly (Cell | undefined)[]): Span[] {
  const spans: { column: number; text: string; style: Style }[] = [];
  for (let column = 0; column < cells.length; column++) {
    const { character, style } = cells[column] ?? { character: " ", style: "plain" };
    const last = spans.at(-1);
    if (last?.style === style) last.text += character;
    else spans.push({ column, text: character, style });
  }
  return spans.filter(({ text }) => text.trim() !== "");
}
