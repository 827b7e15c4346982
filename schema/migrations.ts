/**
 * How the tables come to be. Names and statements never change once released; a change is a new migration at the end.
 * The projections are a cache, so a migration may also drop tables: the log fills them again.
 */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

export const migrations: readonly Migration[] = [
  {
    name: "0001_projections",
    statements: [
      `CREATE TABLE attachments (
        eventId TEXT NOT NULL PRIMARY KEY, fileId TEXT NOT NULL, messageId TEXT NOT NULL, author TEXT NOT NULL,
        createdAtMs INTEGER NOT NULL, expiresAtMs INTEGER NOT NULL DEFAULT 0, fileBytes INTEGER NOT NULL,
        sliceCount INTEGER NOT NULL, noncePrefix BLOB NOT NULL, fileKey BLOB NOT NULL, rootHash BLOB NOT NULL,
        name TEXT NOT NULL DEFAULT '', mediaType TEXT NOT NULL DEFAULT '', width INTEGER NOT NULL DEFAULT 0,
        height INTEGER NOT NULL DEFAULT 0, preview BLOB NOT NULL DEFAULT x'') STRICT`,
      `CREATE INDEX attachmentsByFile ON attachments (fileId)`,
      `CREATE INDEX attachmentsByMessage ON attachments (messageId, createdAtMs)`,
      `CREATE INDEX attachmentsByExpiry ON attachments (expiresAtMs) WHERE expiresAtMs > 0`,
      `CREATE TABLE unreadable (eventId TEXT NOT NULL PRIMARY KEY, keyId TEXT NOT NULL) STRICT, WITHOUT ROWID`,
      `CREATE INDEX unreadableByKey ON unreadable (keyId)`,
      `CREATE TABLE files (
        fileId TEXT NOT NULL PRIMARY KEY, resetSequence INTEGER NOT NULL DEFAULT 0,
        verifiedSequence INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID`,
      `CREATE TABLE proved (
        fileId TEXT NOT NULL, sequence INTEGER NOT NULL, ranges BLOB NOT NULL,
        PRIMARY KEY (fileId, sequence)) STRICT, WITHOUT ROWID`,
      `CREATE TABLE wants (
        fileId TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, status TEXT NOT NULL, priority INTEGER NOT NULL,
        requestedAtMs INTEGER NOT NULL, expiresAtMs INTEGER NOT NULL DEFAULT 0, failure TEXT NOT NULL DEFAULT '')
        STRICT, WITHOUT ROWID`,
      `CREATE INDEX wantsByStatus ON wants (status)`,
      `CREATE TABLE peers (peerId TEXT NOT NULL PRIMARY KEY, lastEventMs INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
      `CREATE TABLE deletions (
        fileId TEXT NOT NULL, author TEXT NOT NULL, createdAtMs INTEGER NOT NULL, reason INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (fileId, author)) STRICT, WITHOUT ROWID`,
      `CREATE TABLE holders (fileId TEXT NOT NULL, peerId TEXT NOT NULL, PRIMARY KEY (fileId, peerId)) STRICT, WITHOUT ROWID`,
    ],
  },
  {
    // The first descriptor of a file is the first entry of the index: to sort them took 0.3 ms a file, even when there is one.
    name: "0002_first_descriptor",
    statements: [
      `DROP INDEX attachmentsByFile`,
      `CREATE INDEX attachmentsByFile ON attachments (fileId, createdAtMs, eventId)`,
    ],
  },
];

/** Which schema an image of the tables has: the name of its last migration. */
export const schemaName: string = migrations[migrations.length - 1]?.name ?? "";
