/**
 * A wire format is a table: names, kinds and remarks in order. Size, encoder, decoder and the documentation
 * (docs/WIRE_FORMAT.md) all come from it, so they cannot disagree.
 */
import type { ErrorCode } from "../errors.ts";
import { assert } from "../base/assert.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { cursorOver, DecodeFailure, type Field } from "./field.ts";

/** A field with what it is for. */
export interface Column<Value> {
  readonly field: Field<Value>;
  readonly remark: string;
}

export const column = <Value>(field: Field<Value>, remark: string): Column<Value> => ({ field, remark });

type AnyColumns = { readonly [name: string]: Column<any> };

export type LayoutValue<C> = { readonly [Name in keyof C]: C[Name] extends Column<infer Value> ? Value : never };

export interface Layout<C extends AnyColumns> {
  readonly name: string;
  readonly columns: C;
  sizeOf(value: LayoutValue<C>): number;
  encode(value: LayoutValue<C>): Uint8Array;
  /** Byte fields of the result are views into `bytes`. Bytes left over are an error. */
  decode(bytes: Uint8Array): Result<LayoutValue<C>>;
}

/** `code` is what a decode failure is called; its detail names the layout and the field. */
export function layout<C extends AnyColumns>(name: string, code: ErrorCode, columns: C): Layout<C> {
  const entries = Object.entries(columns).map(([key, { field }]) => ({ key, field }));
  const sizeOf = (value: LayoutValue<C>): number => {
    let total = 0;
    for (const { key, field } of entries) total += field.sizeOf(value[key]);
    return total;
  };
  return {
    name,
    columns,
    sizeOf,
    encode(value) {
      const target = cursorOver(new Uint8Array(sizeOf(value)));
      for (const { key, field } of entries) field.write(target, value[key]);
      assert(target.at === target.bytes.length, "a layout writes as much as it measures");
      return target.bytes;
    },
    decode(bytes) {
      const source = cursorOver(bytes);
      const value: Record<string, unknown> = {};
      let reading = "";
      try {
        for (const { key, field } of entries) {
          reading = key;
          value[key] = field.read(source);
        }
      } catch (thrown) {
        if (thrown instanceof DecodeFailure) return fail(code, { detail: `${name}.${reading} ${thrown.message}` });
        throw thrown;
      }
      if (source.at !== bytes.length)
        return fail(code, { detail: `${name} has ${bytes.length - source.at} bytes too many` });
      return ok(value as LayoutValue<C>);
    },
  };
}

/** What a layout encodes and decodes. */
export type ValueOf<L> = L extends Layout<infer C> ? LayoutValue<C> : never;
