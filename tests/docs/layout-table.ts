/** A layout table of the code (core/codec/layout.ts) as a table of the documentation. */
import { code, table } from "./markdown.ts";

/** What the documentation reads of a layout; its own type has the values' types in it. */
export interface AnyLayout {
  readonly name: string;
  readonly columns: object;
}

interface AnyColumn {
  readonly field: { readonly kind: string };
  readonly remark: string;
}

export function layoutTable(layout: AnyLayout): string {
  let offset: number | undefined = 0;
  const rows = Object.entries(layout.columns as Record<string, AnyColumn>).map(([name, { field, remark }]) => {
    const row = [offset === undefined ? "…" : String(offset), code(name), field.kind, remark];
    const size = fixedSize(field.kind);
    offset = offset === undefined || size === undefined ? undefined : offset + size;
    return row;
  });
  return table(["at", "field", "kind", "what it is"], rows);
}

/** Bytes of a whole message or file whose fields all have one size; undefined otherwise. */
export function fixedLayoutBytes(layout: AnyLayout): number | undefined {
  let total = 0;
  for (const { field } of Object.values(layout.columns as Record<string, AnyColumn>)) {
    const size = fixedSize(field.kind);
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}

/** The kinds that are of one size say so in their names. */
function fixedSize(kind: string): number | undefined {
  const number = /^u(8|16|32|64)( = \d+)?$/.exec(kind)?.[1];
  if (number !== undefined) return Number(number) / 8;
  const bytes = /^bytes\[(\d+)\]$/.exec(kind)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
