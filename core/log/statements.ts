/**
 * What runs the statements: their compiled form from schema/compiled.ts, with the types of values and rows that Kysely
 * gave to what they were compiled from. Running one costs no more than putting its values in order.
 *
 *     reads.attachmentsOf.all(database, { messageId });   // AttachmentRow[]
 */
import { assert } from "../base/assert.ts";
import type { SqlDatabase, SqlValue } from "../base/sql.ts";
import type { Statement } from "../../schema/builder.ts";
import type { CompiledStatement } from "../../schema/compile.ts";
import { compiledReads, compiledWrites } from "../../schema/compiled.ts";
import type { reads as readStatements } from "../../schema/reads.ts";
import type { writes as writeStatements } from "../../schema/writes.ts";

export interface Read<P, Row> {
  all(database: SqlDatabase, values: P): Row[];
  /** The only row; undefined when there is none. */
  one(database: SqlDatabase, values: P): Row | undefined;
}

export interface Write<P> {
  /** Returns how many rows changed. */
  run(database: SqlDatabase, values: P): number;
}

type Reads = {
  readonly [Name in keyof typeof readStatements]: (typeof readStatements)[Name] extends Statement<infer P, infer Row>
    ? Read<P, Row>
    : never;
};

type Writes = {
  readonly [Name in keyof typeof writeStatements]: (typeof writeStatements)[Name] extends Statement<infer P, unknown>
    ? Write<P>
    : never;
};

export const reads: Reads = /* @__PURE__ */ eachOf(compiledReads, readOf);
export const writes: Writes = /* @__PURE__ */ eachOf(compiledWrites, writeOf);

export function readOf<P, Row>(compiled: CompiledStatement): Read<P, Row> {
  const all = (database: SqlDatabase, values: P): Row[] => database.all<Row>(compiled.sql, inOrder(compiled, values));
  return {
    all,
    one(database, values) {
      const rows = all(database, values);
      assert(rows.length <= 1, "a query for one row finds one at most");
      return rows[0];
    },
  };
}

export function writeOf<P>(compiled: CompiledStatement): Write<P> {
  return { run: (database, values) => database.run(compiled.sql, inOrder(compiled, values)) };
}

function inOrder<P>(compiled: CompiledStatement, values: P): SqlValue[] {
  const named = values as { readonly [name: string]: SqlValue };
  return compiled.values.map((name) => named[name] as SqlValue);
}

function eachOf<To>(
  compiled: { readonly [name: string]: CompiledStatement },
  prepare: (one: CompiledStatement) => unknown,
): To {
  return Object.fromEntries(Object.entries(compiled).map(([name, one]) => [name, prepare(one)])) as To;
}
