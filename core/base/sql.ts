/**
 * The seam to SQL: what the projections need of an SQLite, synchronous like the storage beside it. The driver is
 * core/storage/sql-js.ts; better-sqlite3 or node:sqlite fit behind the same six methods.
 *
 * Statements are ours and never built from outside, so one that SQLite refuses is a defect and throws as one. Only
 * running out of memory is a failure: FileSyncError `storage_full`.
 */

/** Numbers are exact up to 2^53; ours are counts, sizes and milliseconds, all below. */
export type SqlValue = null | number | string | Uint8Array;

export interface SqlDatabase {
  /** One or more statements without parameters or rows: tables, pragmas. */
  exec(sql: string): void;
  /** Runs one INSERT, UPDATE or DELETE; returns how many rows it changed. */
  run(sql: string, parameters: readonly SqlValue[]): number;
  /** Every row of a query. Blobs are copies and stay valid. */
  all<Row>(sql: string, parameters: readonly SqlValue[]): Row[];
  /** Everything in `work` happens or, when it throws, nothing. Does not nest. */
  transaction<T>(work: () => T): T;
  /** The whole database as bytes that `image` of the next opening takes. Not within a transaction. */
  image(): Uint8Array;
  close(): void;
}
