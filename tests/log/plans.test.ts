/**
 * How SQLite goes about every statement of the library: by a key or an index, so that none costs more because there are
 * more attachments. What looks at a whole table is listed with its reason.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SqlDatabase } from "../../core/base/sql.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { compiledReads, compiledWrites } from "../../schema/compiled.ts";
import { migrations } from "../../schema/index.ts";

const test = suite("log: plans of statements");

const wholeTables: { readonly [name: string]: string } = {
  allAttachments: "the app asks for all of them",
  allWants: "tests ask for all of them",
  allUnreadable: "tests ask for all of them",
};

async function emptyTables(): Promise<SqlDatabase> {
  const database = await openSqlJs();
  for (const { statements } of migrations) for (const statement of statements) database.exec(statement);
  return database;
}

const statements = { ...compiledReads, ...compiledWrites };

test("no statement scans a table, but for those that are listed", async () => {
  const database = await emptyTables();
  const scanning = Object.entries(statements).flatMap(([name, { sql, values }]) => {
    const plan = database.all<{ detail: string }>(
      `EXPLAIN QUERY PLAN ${sql}`,
      values.map(() => null),
    );
    // An index that holds what is expired and nothing else is looked at from its start.
    const isScan = plan.some(({ detail }) => detail.startsWith("SCAN") && !detail.includes("attachmentsByExpiry"));
    return isScan ? [name] : [];
  });
  assert.equal(scanning.sort(), Object.keys(wholeTables).sort());
  database.close();
});

test("what is asked for every message, want or file sorts no more than the attachments of one message", async () => {
  const database = await emptyTables();
  const sorting = Object.entries(statements).flatMap(([name, { sql, values }]) => {
    const plan = database.all<{ detail: string }>(
      `EXPLAIN QUERY PLAN ${sql}`,
      values.map(() => null),
    );
    return plan.some(({ detail }) => detail.includes("TEMP B-TREE")) ? [name] : [];
  });
  assert.equal(sorting.sort(), ["allAttachments", "allWants", "attachmentsOf"]);
  database.close();
});

test.run();
