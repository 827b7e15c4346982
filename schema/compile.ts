/**
 * From a statement to what runs it: SQL, and the names of the values that its question marks stand for, in order.
 *
 * A constant goes into the SQL itself. That is what lets SQLite use an index over some of the rows: of
 * `expiresAtMs > ?` it cannot know that it lies within `WHERE expiresAtMs > 0`.
 */
import { assert, BrokenAssertion } from "../core/base/assert.ts";
import type { Statement } from "./builder.ts";

export interface CompiledStatement {
  readonly sql: string;
  readonly values: readonly string[];
}

export function compileStatement<P, Row>(build: Statement<P, Row>): CompiledStatement {
  const compiled = build(placeholders<P>()).compile();
  const [start = "", ...rest] = compiled.sql.split("?");
  assert(rest.length === compiled.parameters.length, "each question mark is a parameter");
  const values: string[] = [];
  let sql = start;
  compiled.parameters.forEach((parameter, i) => {
    if (parameter instanceof Placeholder) values.push(parameter.name);
    else assert(Number.isSafeInteger(parameter), "a constant is a whole number");
    sql += `${parameter instanceof Placeholder ? "?" : String(parameter)}${rest[i]}`;
  });
  return { sql, values };
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
