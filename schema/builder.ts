/**
 * The one door to Kysely: it types and compiles our statements, before the library is published. What runs is what it
 * compiled them to (schema/compiled.ts), so nobody loads Kysely to read a row; from here the library takes types only.
 *
 * The `p` handed to a statement holds placeholders with the types of the values to come: pass them on, do not compute
 * with them.
 */
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Compilable } from "kysely";
import type { SqlValue } from "../core/base/sql.ts";
import type { Database } from "./tables.ts";

export { sql } from "kysely";

/** A statement over named values. */
export type Statement<P, Row> = (p: P) => Compilable<Row>;

/** Values by name; each of them something that SQL can hold. */
type Values<P> = { readonly [Name in keyof P]: SqlValue };

export const statement = <P extends Values<P>, Row>(build: Statement<P, Row>): Statement<P, Row> => build;

export function createQueryBuilder<Tables>(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** Builds statements over our tables. */
export const queries: Kysely<Database> = createQueryBuilder<Database>();
