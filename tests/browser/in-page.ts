/** Calls into the page: a scenario by its name, with plain arguments and plain results. */
import type { Page } from "playwright-core";
import type { Scenarios } from "./page/scenarios.ts";
import type { Vectors } from "./page/vectors.ts";

interface Offered {
  readonly scenarios: Scenarios;
  readonly vectors: Vectors;
}
type Callable = (argument: never) => Promise<unknown>;

export async function call<Table extends keyof Offered, Name extends keyof Offered[Table]>(
  page: Page,
  table: Table,
  name: Name,
  ...argument: Offered[Table][Name] extends (...given: infer Given) => unknown ? Given : never
): Promise<Offered[Table][Name] extends (...given: never) => Promise<infer Facts> ? Facts : never> {
  // What runs in the page is this text alone: no name from outside of it, no named function within.
  return page.evaluate(
    ([tableName, functionName, given]) =>
      (globalThis as unknown as Record<string, Record<string, Callable>>)[tableName]?.[functionName]?.(given as never),
    [table as string, name as string, (argument as readonly unknown[])[0]] as const,
  ) as never;
}

/** The names of Node's globals that anything in the page has read. */
export const touchedGlobals = async (page: Page): Promise<string[]> =>
  page.evaluate(() => [...new Set((globalThis as unknown as { touchedGlobals: string[] }).touchedGlobals)].sort());
