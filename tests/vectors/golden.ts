/**
 * Golden bytes with a remark per field, readable by an implementation in another language. A file under tests/vectors
 * is `{ about, cases: [{ name, fields: [{ field, hex, remark }] }] }`; the fields whose names begin with `wire.` are,
 * one after another, the bytes on the wire (or in the log), the others are what they were made of and what follows.
 *
 * No part of Node here: browsers make the cases too. What reads the files is in golden-files.ts.
 */
import { assert } from "../../core/base/assert.ts";
import { bytesToHex } from "../../core/base/bytes.ts";
import type { Column } from "../../core/codec/layout.ts";

export interface GoldenField {
  readonly field: string;
  readonly hex: string;
  readonly remark: string;
}

export interface GoldenCase {
  readonly name: string;
  readonly fields: readonly GoldenField[];
}

export const golden = (field: string, bytes: Uint8Array, remark: string): GoldenField => ({
  field,
  hex: bytesToHex(bytes),
  remark,
});

/** Cuts what a layout encoded into its columns: each is as long as its field measures the value. */
export function goldenColumns(
  prefix: string,
  columns: Readonly<Record<string, Column<unknown>>>,
  value: object,
  encoded: Uint8Array,
): GoldenField[] {
  let at = 0;
  const fields = Object.entries(columns).map(([name, { field, remark }]) => {
    const start = at;
    at += field.sizeOf((value as Record<string, unknown>)[name]);
    return golden(`${prefix}.${name}`, encoded.subarray(start, at), `${field.kind}: ${remark}`);
  });
  assert(at === encoded.length, "the columns are all of the bytes");
  return fields;
}

/** The bytes of a case as the file has them. */
export const wireHex = (each: GoldenCase): string =>
  each.fields
    .filter(({ field }) => field.startsWith("wire."))
    .map(({ hex }) => hex)
    .join("");
