/**
 * The one door to Kysely: it types and compiles queries, and never runs one. What runs them is a SqlDatabase,
 * synchronously, as a prepared statement.
 *
 * A query is written once with parameters that have names, compiled at its first use, and from then on costs no more
 * than putting its values in order:
 *
 *     const ofMessage = prepareQuery((p: { messageId: MessageId }) =>
 *       queries.selectFrom("attachments").select(["eventId", "name"]).where("messageId", "=", p.messageId));
 *     ofMessage.all(database, { messageId });   // { eventId: EventId; name: string }[]
 *
 * The `p` handed to the builder holds placeholders with the types of the values to come: pass them on, do not compute
 * with them.
 */
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Compilable, CompiledQuery } from "kysely";
import { assert, BrokenAssertion } from "../base/assert.ts";
import type { SqlDatabase, SqlValue } from "../base/sql.ts";
import type { Database } from "../../schema/index.ts";

export { sql } from "kysely";
export type { CompiledQuery } from "kysely";

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

/** Builds queries over our tables. */
export const queries: Kysely<Database> = createQueryBuilder<Database>();

export function compileQuery<Row>(builder: Compilable<Row>): CompiledQuery<Row> {
  return builder.compile();
}

/** For queries that are built anew each time; hot ones are prepared. */
export function runAll<Row>(database: SqlDatabase, query: CompiledQuery<Row>): Row[] {
  return database.all<Row>(query.sql, query.parameters as readonly SqlValue[]);
}

export function runChange(database: SqlDatabase, query: CompiledQuery<unknown>): number {
  return database.run(query.sql, query.parameters as readonly SqlValue[]);
}

/** Values by name; each of them something that SQL can hold. */
type Values<P> = { readonly [Name in keyof P]: SqlValue };

export interface PreparedQuery<P, Row> {
  readonly sql: string;
  all(database: SqlDatabase, values: P): Row[];
  /** The only row; undefined when there is none. */
  one(database: SqlDatabase, values: P): Row | undefined;
}

export interface PreparedChange<P> {
  readonly sql: string;
  /** Returns how many rows changed. */
  run(database: SqlDatabase, values: P): number;
}

export function prepareQuery<P extends Values<P>, Row>(build: (p: P) => Compilable<Row>): PreparedQuery<P, Row> {
  const template = new Template(build);
  const all = (database: SqlDatabase, values: P): Row[] => database.all<Row>(template.sql, template.parameters(values));
  return {
    get sql() {
      return template.sql;
    },
    all,
    one(database, values) {
      const rows = all(database, values);
      assert(rows.length <= 1, "a query for one row finds one at most");
      return rows[0];
    },
  };
}

export function prepareChange<P extends Values<P>>(build: (p: P) => Compilable<unknown>): PreparedChange<P> {
  const template = new Template(build);
  return {
    get sql() {
      return template.sql;
    },
    run: (database, values) => database.run(template.sql, template.parameters(values)),
  };
}

/** A compiled query whose parameters are partly constants and partly still names. */
class Template<P extends Values<P>> {
  readonly #build: (p: P) => Compilable<unknown>;
  #compiled: { readonly sql: string; readonly slots: readonly (SqlValue | Placeholder)[] } | undefined;

  constructor(build: (p: P) => Compilable<unknown>) {
    this.#build = build;
  }

  get sql(): string {
    return this.#compile().sql;
  }

  parameters(values: P): SqlValue[] {
    return this.#compile().slots.map((slot) => (slot instanceof Placeholder ? values[slot.name as keyof P] : slot));
  }

  #compile(): { readonly sql: string; readonly slots: readonly (SqlValue | Placeholder)[] } {
    if (this.#compiled === undefined) {
      const { sql, parameters } = this.#build(placeholders<P>()).compile();
      this.#compiled = { sql, slots: parameters as readonly (SqlValue | Placeholder)[] };
    }
    return this.#compiled;
  }
}

/** Kysely carries any value it is given through to the parameters, so a placeholder comes out where it was put in. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  [Symbol.toPrimitive](): never {
    throw new BrokenAssertion(`the placeholder ${this.name} is passed on, not computed with`);
  }
}

function placeholders<P>(): P {
  return new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as P;
}
