import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BrokenAssertion } from "../../core/base/assert.ts";
import type { EventId, FileId, PeerId } from "../../core/base/ids.ts";
import type { SqlDatabase } from "../../core/base/sql.ts";
import { FileSyncError } from "../../core/errors.ts";
import { sqlStatementsMax } from "../../core/limits.ts";
import { readOf, reads, writeOf, type Read, type Write } from "../../core/log/statements.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { createQueryBuilder, queries, statement, type Statement } from "../../schema/builder.ts";
import { compileStatement } from "../../schema/compile.ts";
import { migrations } from "../../schema/index.ts";

const table = "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL) STRICT";
const insert = "INSERT INTO t (id, name, body) VALUES (?, ?, ?)";
const bytes = Uint8Array.of(0, 1, 255);

async function withTable(): Promise<SqlDatabase> {
  const database = await openSqlJs();
  database.exec(table);
  return database;
}

const sqlJs = suite("storage: sql.js");

sqlJs("values come back as they went in: null, numbers to 2^53, text, blobs", async () => {
  const database = await openSqlJs();
  const values = [
    null,
    0,
    -1,
    2 ** 31,
    2 ** 32 + 1,
    Number.MAX_SAFE_INTEGER,
    1.5,
    "",
    "é\u{1f600}",
    bytes,
    new Uint8Array(0),
  ];
  for (const value of values) assert.equal(database.all("SELECT ? AS value", [value]), [{ value }]);
  database.exec("CREATE TABLE n (value INTEGER NOT NULL) STRICT");
  database.run("INSERT INTO n (value) VALUES (?)", [Number.MAX_SAFE_INTEGER]);
  const stored = database.all("SELECT typeof(value) AS type, value FROM n WHERE value = ?", [Number.MAX_SAFE_INTEGER]);
  assert.equal(stored, [{ type: "integer", value: Number.MAX_SAFE_INTEGER }]);
});

sqlJs("a blob that was read stays as it was when its row changes", async () => {
  const database = await withTable();
  database.run(insert, [1, "a", bytes]);
  const [row] = database.all<{ body: Uint8Array }>("SELECT body FROM t", []);
  database.run("UPDATE t SET body = ?", [Uint8Array.of(9, 9, 9)]);
  database.all("SELECT body FROM t", []);
  assert.equal(row?.body, bytes);
});

sqlJs("run tells how many rows changed", async () => {
  const database = await withTable();
  assert.is(database.run(insert, [1, "a", bytes]), 1);
  assert.is(database.run("INSERT OR IGNORE INTO t (id, name, body) VALUES (?, ?, ?)", [1, "a", bytes]), 0);
  database.run(insert, [2, "b", bytes]);
  assert.is(database.run("UPDATE t SET body = ? WHERE id > ?", [bytes, 0]), 2);
  assert.is(database.run("DELETE FROM t WHERE id = ?", [7]), 0);
});

sqlJs("a transaction that throws leaves nothing, and the next one works", async () => {
  const database = await withTable();
  assert.throws(
    () =>
      database.transaction(() => {
        database.run(insert, [1, "a", bytes]);
        throw new Error("stop");
      }),
    /stop/,
  );
  assert.equal(database.all("SELECT id FROM t", []), []);
  assert.is(
    database.transaction(() => database.run(insert, [1, "a", bytes])),
    1,
  );
  assert.throws(() => database.transaction(() => database.transaction(() => {})), /do not nest/);
  assert.throws(() => database.transaction(() => Promise.resolve()), /awaited/);
  assert.throws(() => database.transaction(() => database.image()), /committed/);
  assert.equal(database.all("SELECT id FROM t", []), [{ id: 1 }]);
});

sqlJs("a statement that fails is a defect, and can be run again with better values", async () => {
  const database = await withTable();
  database.run(insert, [1, "a", bytes]);
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.throws(
      () => database.run(insert, [2, "a", bytes]),
      (error: unknown) => error instanceof BrokenAssertion,
    );
  }
  assert.is(database.run(insert, [2, "b", bytes]), 1);
  assert.throws(() => database.all("SELECT nothing FROM nowhere", []), /SQL is right/);
  assert.throws(() => database.exec("CREATE TABLE"), /SQL is right/);
});

sqlJs("an image holds everything, and the database goes on with its statements after it", async () => {
  const database = await withTable();
  database.run(insert, [1, "a", bytes]);
  const image = database.image();
  assert.is(database.run(insert, [2, "b", bytes]), 1);
  assert.equal(database.all("PRAGMA synchronous", []), [{ synchronous: 0 }]);
  assert.equal(database.all("PRAGMA temp_store", []), [{ temp_store: 2 }]);
  const copy = await openSqlJs({ image });
  assert.equal(copy.all("SELECT id, name, body FROM t", []), [{ id: 1, name: "a", body: bytes }]);
  assert.equal(copy.all("PRAGMA synchronous", []), [{ synchronous: 0 }]);
  copy.close();
  assert.is(database.all("SELECT id FROM t", []).length, 2);
});

sqlJs("bytes that are no image are refused by name", async () => {
  for (const image of [new Uint8Array(5_000).fill(7), Uint8Array.of(1)]) {
    try {
      await openSqlJs({ image });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, FileSyncError);
      assert.is((error as FileSyncError).code, "storage_failed");
    }
  }
});

sqlJs("more statements than are kept", async () => {
  const database = await withTable();
  database.run(insert, [1, "a", bytes]);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < sqlStatementsMax + 50; i++) {
      assert.equal(database.all(`SELECT ${i} AS n, id FROM t WHERE id = ?`, [1]), [{ n: i, id: 1 }]);
    }
  }
  assert.is(database.run(insert, [2, "b", bytes]), 1);
});

sqlJs("a table that changes under a kept statement", async () => {
  const database = await withTable();
  database.run(insert, [1, "a", bytes]);
  assert.equal(database.all("SELECT * FROM t", []), [{ id: 1, name: "a", body: bytes }]);
  database.exec("ALTER TABLE t ADD COLUMN extra INTEGER NOT NULL DEFAULT 5");
  assert.equal(database.all("SELECT * FROM t", []), [{ id: 1, name: "a", body: bytes, extra: 5 }]);
});

sqlJs("the wasm may be handed over as bytes, as a browser has to", async () => {
  // Loaded once a process: this only shows that the option is taken.
  const wasm = readFileSync(createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.wasm"));
  const database = await openSqlJs({ wasm });
  assert.equal(database.all("SELECT 1 AS one", []), [{ one: 1 }]);
  database.close();
});

sqlJs.run();

const compile = suite("log: compiled statements");

async function withSchema(): Promise<SqlDatabase> {
  const database = await openSqlJs();
  for (const { statements } of migrations) for (const statement of statements) database.exec(statement);
  return database;
}

const file = "f".repeat(32) as FileId;

/** Compiled at once, as `npm run docs:generate` compiles those of the library. */
const read = <P, Row>(build: Statement<P, Row>): Read<P, Row> => readOf(compileStatement(build));
const write = <P>(build: Statement<P, unknown>): Write<P> => writeOf(compileStatement(build));

compile("a statement takes its values by name, as often as it names them, and gives typed rows", async () => {
  const database = await withSchema();
  const add = write((p: { fileId: FileId; sequence: number }) =>
    queries
      .insertInto("files")
      .values({ fileId: p.fileId, resetSequence: p.sequence, verifiedSequence: 0 })
      .onConflict((conflict) =>
        conflict
          .column("fileId")
          .doUpdateSet({ resetSequence: p.sequence })
          .where("files.resetSequence", "<", p.sequence),
      ),
  );
  const find = read((p: { fileId: FileId; atMost: number }) =>
    queries
      .selectFrom("files")
      .select(["fileId", "resetSequence"])
      .where("fileId", "in", [p.fileId])
      .where("verifiedSequence", "=", 0)
      .limit(p.atMost),
  );
  assert.is(find.one(database, { fileId: file, atMost: 1 }), undefined);
  assert.is(add.run(database, { fileId: file, sequence: 5 }), 1);
  assert.is(add.run(database, { fileId: file, sequence: 4 }), 0);
  assert.is(add.run(database, { fileId: file, sequence: 2 ** 40 }), 1);
  const row: { fileId: FileId; resetSequence: number } | undefined = find.one(database, { fileId: file, atMost: 1 });
  assert.equal(row, { fileId: file, resetSequence: 2 ** 40 });
  assert.equal(find.all(database, { fileId: file, atMost: 0 }), []);
});

compile("what the library runs has the types of the statement that it was compiled from", async () => {
  const database = await withSchema();
  const rows: { eventId: EventId; fileId: FileId; author: PeerId }[] = reads.expiredBefore.all(database, { nowMs: 5 });
  assert.equal(rows, []);
  const sequence: { resetSequence: number } | undefined = reads.resetOf.one(database, { fileId: file });
  assert.is(sequence, undefined);
});

compile("constants are part of the SQL, so that an index over some rows is used", async () => {
  const database = await withSchema();
  const { sql, values } = compileStatement(
    statement((p: { nowMs: number }) =>
      queries
        .selectFrom("attachments")
        .select("eventId")
        .where("expiresAtMs", ">", 0)
        .where("expiresAtMs", "<=", p.nowMs)
        .limit(2),
    ),
  );
  assert.is(sql, `select "eventId" from "attachments" where "expiresAtMs" > 0 and "expiresAtMs" <= ? limit 2`);
  assert.equal(values, ["nowMs"]);
  const [plan] = database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, [0]);
  assert.match(plan?.detail ?? "", /USING INDEX attachmentsByExpiry/);
});

compile("a placeholder that is computed with is a defect, and so is a constant that is no whole number", () => {
  const computed = (p: { fileId: FileId; sequence: number }) =>
    queries
      .selectFrom("files")
      .select("fileId")
      .where("resetSequence", ">", p.sequence + 1);
  assert.throws(() => compileStatement(computed), /passed on/);
  const constant = () => queries.selectFrom("files").select("resetSequence").where("fileId", "=", file);
  assert.throws(() => compileStatement(constant), /whole number/);
});

compile("a query for one row that finds two is a defect", async () => {
  const database = await withTable();
  for (const [id, name] of [
    [1, "a"],
    [2, "b"],
  ] as const)
    database.run(insert, [id, name, bytes]);
  const builder = createQueryBuilder<{ t: { id: number; name: string; body: Uint8Array } }>();
  const find = read((p: { above: number }) => builder.selectFrom("t").select("name").where("id", ">", p.above));
  assert.equal(find.one(database, { above: 1 }), { name: "b" });
  assert.throws(() => find.one(database, { above: 0 }), /one at most/);
});

compile.run();
