/**
 * Written by `npm run docs:generate`, not by hand: the statements of schema/reads.ts and schema/writes.ts as Kysely compiles
 * them.
 */
import type { CompiledStatement } from "./compile.ts";
import type { reads } from "./reads.ts";
import type { writes } from "./writes.ts";

export const compiledReads: { readonly [Name in keyof typeof reads]: CompiledStatement } = {
  descriptorOf: {
    sql: `select * from "attachments" where "fileId" = ? order by "createdAtMs", "eventId" limit 1`,
    values: ["fileId"],
  },
  anyDescriptorOf: {
    sql: `select "eventId" from "attachments" where "fileId" = ? limit 1`,
    values: ["fileId"],
  },
  descriptorByEvent: {
    sql: `select * from "attachments" where "eventId" = ?`,
    values: ["eventId"],
  },
  attachmentsOf: {
    sql: `select * from "attachments" where "messageId" = ? order by "createdAtMs", "eventId"`,
    values: ["messageId"],
  },
  allAttachments: {
    sql: `select * from "attachments" order by "createdAtMs", "eventId"`,
    values: [],
  },
  authoredBy: {
    sql: `select "eventId" from "attachments" where "fileId" = ? and "author" = ? limit 1`,
    values: ["fileId", "author"],
  },
  expiredBefore: {
    sql: `select "eventId", "fileId", "author" from "attachments" where "expiresAtMs" > 0 and "expiresAtMs" <= ?`,
    values: ["nowMs"],
  },
  nextExpiry: {
    sql: `select "expiresAtMs" from "attachments" where "expiresAtMs" > 0 order by "expiresAtMs" limit 1`,
    values: [],
  },
  wantOf: {
    sql: `select * from "wants" where "fileId" = ?`,
    values: ["fileId"],
  },
  anyWantOf: {
    sql: `select "fileId" from "wants" where "fileId" = ?`,
    values: ["fileId"],
  },
  wantsWith: {
    sql: `select * from "wants" where "status" = ?`,
    values: ["status"],
  },
  allWants: {
    sql: `select * from "wants" order by "requestedAtMs", "fileId"`,
    values: [],
  },
  verified: {
    sql: `select "verifiedSequence" from "files" where "fileId" = ? and "verifiedSequence" > 0`,
    values: ["fileId"],
  },
  resetOf: {
    sql: `select "resetSequence" from "files" where "fileId" = ?`,
    values: ["fileId"],
  },
  provedOf: {
    sql: `select "ranges" from "proved" where "fileId" = ?`,
    values: ["fileId"],
  },
  deletionOf: {
    sql: `select "author" from "deletions" where "fileId" = ? limit 1`,
    values: ["fileId"],
  },
  allUnreadable: {
    sql: `select * from "unreadable"`,
    values: [],
  },
  unreadableWithout: {
    sql: `select * from "unreadable" where "keyId" = ?`,
    values: ["keyId"],
  },
  holdersOf: {
    sql: `select "peerId" from "holders" where "fileId" = ?`,
    values: ["fileId"],
  },
  knownPeer: {
    sql: `select "peerId" from "peers" where "peerId" = ?`,
    values: ["peerId"],
  },
  deletionBy: {
    sql: `select "createdAtMs" from "deletions" where "fileId" = ? and "author" = ?`,
    values: ["fileId", "author"],
  },
  descriptorsBy: {
    sql: `select "eventId" from "attachments" where "fileId" = ? and "author" = ?`,
    values: ["fileId", "author"],
  },
  fileRow: {
    sql: `select "resetSequence", "verifiedSequence" from "files" where "fileId" = ?`,
    values: ["fileId"],
  },
};

export const compiledWrites: { readonly [Name in keyof typeof writes]: CompiledStatement } = {
  addAttachment: {
    sql: `insert into "attachments" ("eventId", "fileId", "messageId", "author", "createdAtMs", "expiresAtMs", "fileBytes", "sliceCount", "noncePrefix", "fileKey", "rootHash", "name", "mediaType", "width", "height", "preview") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    values: [
      "eventId",
      "fileId",
      "messageId",
      "author",
      "createdAtMs",
      "expiresAtMs",
      "fileBytes",
      "sliceCount",
      "noncePrefix",
      "fileKey",
      "rootHash",
      "name",
      "mediaType",
      "width",
      "height",
      "preview",
    ],
  },
  addUnreadable: {
    sql: `insert into "unreadable" ("eventId", "keyId") values (?, ?) on conflict do nothing`,
    values: ["eventId", "keyId"],
  },
  removeUnreadable: {
    sql: `delete from "unreadable" where "eventId" = ?`,
    values: ["eventId"],
  },
  addHolder: {
    sql: `insert into "holders" ("fileId", "peerId") values (?, ?) on conflict do nothing`,
    values: ["fileId", "peerId"],
  },
  removeHolder: {
    sql: `delete from "holders" where "fileId" = ? and "peerId" = ?`,
    values: ["fileId", "peerId"],
  },
  addDeletion: {
    sql: `insert into "deletions" ("fileId", "author", "createdAtMs", "reason") values (?, ?, ?, ?) on conflict ("fileId", "author") do update set "createdAtMs" = "excluded"."createdAtMs", "reason" = "excluded"."reason" where (excluded.createdAtMs, excluded.reason) < (deletions.createdAtMs, deletions.reason)`,
    values: ["fileId", "author", "createdAtMs", "reason"],
  },
  removeDescriptorsBy: {
    sql: `delete from "attachments" where "fileId" = ? and "author" = ?`,
    values: ["fileId", "author"],
  },
  seePeer: {
    sql: `insert into "peers" ("peerId", "lastEventMs") values (?, ?) on conflict ("peerId") do update set "lastEventMs" = "excluded"."lastEventMs" where excluded.lastEventMs > peers.lastEventMs`,
    values: ["peerId", "lastEventMs"],
  },
  setWant: {
    sql: `insert into "wants" ("fileId", "sequence", "status", "priority", "requestedAtMs", "expiresAtMs", "failure") values (?, ?, ?, ?, ?, ?, ?) on conflict ("fileId") do update set "sequence" = "excluded"."sequence", "status" = "excluded"."status", "priority" = "excluded"."priority", "requestedAtMs" = "excluded"."requestedAtMs", "expiresAtMs" = "excluded"."expiresAtMs", "failure" = "excluded"."failure" where excluded.sequence > wants.sequence`,
    values: ["fileId", "sequence", "status", "priority", "requestedAtMs", "expiresAtMs", "failure"],
  },
  ensureFile: {
    sql: `insert into "files" ("fileId", "resetSequence", "verifiedSequence") values (?, 0, 0) on conflict do nothing`,
    values: ["fileId"],
  },
  resetFile: {
    sql: `update "files" set "resetSequence" = ?, "verifiedSequence" = CASE WHEN verifiedSequence < ? THEN 0 ELSE verifiedSequence END where "fileId" = ? and "resetSequence" < ?`,
    values: ["sequence", "sequence", "fileId", "alsoSequence"],
  },
  removeProvedBefore: {
    sql: `delete from "proved" where "fileId" = ? and "sequence" < ?`,
    values: ["fileId", "sequence"],
  },
  addProved: {
    sql: `insert into "proved" ("fileId", "sequence", "ranges") values (?, ?, ?) on conflict do nothing`,
    values: ["fileId", "sequence", "ranges"],
  },
  verifyFile: {
    sql: `update "files" set "verifiedSequence" = ? where "fileId" = ? and "verifiedSequence" < ?`,
    values: ["sequence", "fileId", "alsoSequence"],
  },
};
