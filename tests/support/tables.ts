/** Every row of every table as text, sorted: what two logs with the same events must have in common (G-3). */
import { bytesToHex } from "../../core/base/bytes.ts";
import type { SqlDatabase } from "../../core/base/sql.ts";

const tableNames = ["attachments", "unreadable", "files", "proved", "wants", "peers", "deletions", "holders"] as const;

export function tableRows(database: SqlDatabase): string[] {
  return tableNames.flatMap((name) =>
    database
      .all<Record<string, unknown>>(`SELECT * FROM ${name}`, [])
      .map((row) => `${name} ${JSON.stringify(row, bytesAsHex)}`)
      .sort(),
  );
}

const bytesAsHex = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? bytesToHex(value) : value);
