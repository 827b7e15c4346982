/** Small pieces of Markdown, and sections of a hand-written page that a program fills in. */

/** A table; a `|` within a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export const code = (text: string | number): string => `\`${text}\``;

export const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, "0")}`;

/** Digits in groups of three. */
export const grouped = (n: number): string => n.toLocaleString("en-US");

const opening = (name: string): string => `<!-- generated: ${name} -->`;
const closing = "<!-- end of generated -->";

/** The page with what is between the marks of that name replaced. Throws when the marks are not there. */
export function withSection(page: string, name: string, text: string): string {
  const start = page.indexOf(opening(name));
  const end = page.indexOf(closing, start);
  if (start < 0 || end < 0) throw new Error(`the page has no section between "${opening(name)}" and "${closing}"`);
  return `${page.slice(0, start + opening(name).length)}\n\n${text}\n\n${page.slice(end)}`;
}
