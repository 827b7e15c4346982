/**
 * The one door to sql.js: SQLite as WebAssembly, in memory, the same in Node and in browsers.
 *
 * In Node the package finds its wasm file itself. A browser has to be told where it is or be handed the bytes
 * (docs/decisions/0003-storage.md says why it is not inlined).
 *
 * Its script is loaded when a store is opened, as its wasm is.
 *
 * Two habits of sql.js shape this file. `export()` closes the database and opens it again, which frees every prepared
 * statement and forgets every pragma: so both are made anew after it. And it binds numbers beyond 32 bits as REAL:
 * exact below 2^53, and a STRICT column of INTEGER stores them as INTEGER again.
 */
import type { BindParams, Database, SqlJsStatic, Statement } from "sql.js";
import { assert, BrokenAssertion } from "../base/assert.ts";
import type { SqlDatabase, SqlValue } from "../base/sql.ts";
import { FileSyncError } from "../errors.ts";
import { sqlStatementsMax } from "../limits.ts";

export interface SqlJsOptions {
  /** What `image()` gave; without it the database is empty. */
  readonly image?: Uint8Array;
  /** sql.js's `sql-wasm.wasm`: its bytes, or where to fetch it. Needed in browsers, not in Node. */
  readonly wasm?: Uint8Array | URL | string;
}

/** https://www.sqlite.org/fileformat.html, section 1.3. An empty database has not even that. */
const headerBytes = 100;
/**
 * In memory there is nothing to sync, and a cache that fits needs no spilling. What is deleted is not in the next image.
 * Nobody else has the database open: who need not look whether it was changed, before each statement, is several times as fast.
 */
const pragmas =
  "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; " +
  "PRAGMA secure_delete = ON;";

/** Loaded once: a second copy of the wasm would cost its memory again. Forgotten when it failed, so that it can be tried again. */
let loading: Promise<SqlJsStatic> | undefined;

export async function openSqlJs(options: SqlJsOptions = {}): Promise<SqlDatabase> {
  loading ??= load(options.wasm);
  let engine: SqlJsStatic;
  try {
    engine = await loading;
  } catch (cause) {
    loading = undefined;
    throw new FileSyncError("storage_failed", { detail: "the wasm of sql.js was not loaded", cause });
  }
  return new SqlJsDatabase(engine, options.image);
}

async function load(wasm: SqlJsOptions["wasm"]): Promise<SqlJsStatic> {
  const { default: initSqlJs } = await import("sql.js");
  if (wasm === undefined) return initSqlJs();
  if (wasm instanceof Uint8Array) return initSqlJs({ wasmBinary: wasm.slice().buffer });
  return initSqlJs({ locateFile: () => String(wasm) });
}

class SqlJsDatabase implements SqlDatabase {
  readonly #database: Database;
  /** By SQL text, least recently used first. */
  readonly #statements = new Map<string, Statement>();
  #inTransaction = false;

  constructor(engine: SqlJsStatic, image: Uint8Array | undefined) {
    // SQLite takes a few odd bytes for an empty database.
    if (image !== undefined && image.length > 0 && image.length < headerBytes) throw imageFailure();
    this.#database = new engine.Database(image);
    try {
      // It looks at an image only when first asked about it.
      this.#database.run("SELECT count(*) FROM sqlite_schema");
    } catch (cause) {
      this.#database.close();
      throw imageFailure(cause);
    }
    this.#database.run(pragmas);
  }

  exec(sql: string): void {
    try {
      this.#database.run(sql);
    } catch (cause) {
      throw sqlFailure(cause, sql);
    }
  }

  run(sql: string, parameters: readonly SqlValue[]): number {
    try {
      this.#prepared(sql).run(parameters as BindParams);
      return this.#database.getRowsModified();
    } catch (cause) {
      this.#forget(sql);
      throw sqlFailure(cause, sql);
    }
  }

  all<Row>(sql: string, parameters: readonly SqlValue[]): Row[] {
    try {
      const statement = this.#prepared(sql);
      statement.bind(parameters as BindParams);
      const rows = readRows<Row>(statement);
      statement.reset();
      return rows;
    } catch (cause) {
      this.#forget(sql);
      throw sqlFailure(cause, sql);
    }
  }

  transaction<T>(work: () => T): T {
    assert(!this.#inTransaction, "transactions do not nest");
    // As prepared statements: each event is a transaction, and reading these takes longer than running them.
    this.run("BEGIN IMMEDIATE", []);
    this.#inTransaction = true;
    try {
      const result = work();
      assert(!(result instanceof Promise), "a transaction ends before anything is awaited");
      this.run("COMMIT", []);
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  image(): Uint8Array {
    assert(!this.#inTransaction, "an image is of what is committed");
    this.#statements.clear();
    const image = this.#database.export();
    this.#database.run(pragmas);
    return image;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= sqlStatementsMax) this.#forget(this.#statements.keys().next().value ?? "");
      statement = this.#database.prepare(sql);
    } else {
      this.#statements.delete(sql);
    }
    this.#statements.set(sql, statement);
    return statement;
  }

  /** After a failure too: what state the statement is in is not worth knowing. */
  #forget(sql: string): void {
    this.#statements.get(sql)?.free();
    this.#statements.delete(sql);
  }

  #rollBack(): void {
    try {
      this.#database.run("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does when memory runs out; the first error tells more.
    }
  }
}

/** Some two times faster than sql.js's own objects, which look the column names up for every row. */
function readRows<Row>(statement: Statement): Row[] {
  const rows: Row[] = [];
  let names: string[] | undefined;
  while (statement.step()) {
    names ??= statement.getColumnNames();
    const values = statement.get();
    const row: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) row[names[i] as string] = values[i];
    rows.push(row as Row);
  }
  return rows;
}

const imageFailure = (cause?: unknown): FileSyncError =>
  new FileSyncError("storage_failed", { detail: "the bytes are no SQLite image", cause });

function sqlFailure(cause: unknown, sql: string): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/out of memory|is full/.test(message)) return new FileSyncError("storage_full", { detail: "SQL", cause });
  return new BrokenAssertion(`SQL is right: ${message}: ${sql}`, { cause });
}
