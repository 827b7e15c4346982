/** schema/compiled.ts: what Kysely makes of schema/reads.ts and schema/writes.ts, laid out as the formatter would have it. */
import type { Statement } from "../../schema/builder.ts";
import { compileStatement, type CompiledStatement } from "../../schema/compile.ts";
import { reads } from "../../schema/reads.ts";
import { writes } from "../../schema/writes.ts";

const lineWidth = 120;

export function compiledStatements(): string {
  return `/**
 * Written by \`npm run docs:generate\`, not by hand: the statements of schema/reads.ts and schema/writes.ts as Kysely compiles
 * them.
 */
import type { CompiledStatement } from "./compile.ts";
import type { reads } from "./reads.ts";
import type { writes } from "./writes.ts";

${tableOf("reads", reads)}
${tableOf("writes", writes)}`;
}

function tableOf(of: "reads" | "writes", statements: { readonly [name: string]: Statement<never, unknown> }): string {
  const entries = Object.entries(statements).map(([key, build]) => entryOf(key, compileStatement(build)));
  const name = of === "reads" ? "compiledReads" : "compiledWrites";
  return `export const ${name}: { readonly [Name in keyof typeof ${of}]: CompiledStatement } = {\n${entries.join("")}};\n`;
}

function entryOf(name: string, { sql, values }: CompiledStatement): string {
  return `  ${name}: {\n    sql: \`${sql}\`,\n    values: ${listOf(values.map((value) => JSON.stringify(value)))},\n  },\n`;
}

function listOf(items: readonly string[]): string {
  const line = `[${items.join(", ")}]`;
  if (`    values: ${line},`.length <= lineWidth) return line;
  return `[\n${items.map((item) => `      ${item},\n`).join("")}    ]`;
}
