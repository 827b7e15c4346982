/** Two engines joined by nothing but a loop: no clock, no link. For scenarios that are run thousands of times. */
import type { Group, Identity } from "../../core/base/identity.ts";
import { epochMs, type EpochMs } from "../../core/base/ids.ts";
import { seededRandom } from "../../core/base/random.ts";
import { unwrap } from "../../core/base/result.ts";
import type { StorageProvider } from "../../core/base/storage.ts";
import { EventLog } from "../../core/log/event-log.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { migrations } from "../../schema/index.ts";
import { Engine } from "../../core/sync/engine.ts";

export interface DirectDevice {
  readonly identity: Identity;
  readonly engine: Engine;
  close(): void;
}

export const startMs: EpochMs = epochMs(Date.UTC(2026, 0, 1));

/** Tables without a row, as an image: made once, since making them costs more than a small transfer. */
let emptyTables: Promise<Uint8Array> | undefined;

async function makeEmptyTables(): Promise<Uint8Array> {
  const database = await openSqlJs();
  for (const { statements } of migrations) for (const statement of statements) database.exec(statement);
  const image = database.image();
  database.close();
  return image;
}

/** Where the first record of a log begins: what a cache of empty tables stands for. */
const logHeaderBytes = 24;

export async function openDirect(provider: StorageProvider, identity: Identity, group: Group): Promise<DirectDevice> {
  const storage = await provider.open();
  emptyTables ??= makeEmptyTables();
  const database = await openSqlJs({ image: await emptyTables });
  const options = { storage, database, cachedPosition: logHeaderBytes, identity, groupKeys: group.keys };
  const { log } = unwrap(EventLog.open(options));
  const engine = new Engine({ log, identity, group, random: seededRandom(1) }, startMs);
  const close = (): void => {
    log.close();
    storage.close();
  };
  return { identity, engine, close };
}

const turnsMax = 100_000;

/** Hands everything over until neither has anything to say. */
export function talk(a: DirectDevice, b: DirectDevice, now: EpochMs): void {
  for (let turn = 0; turn < turnsMax; turn++) {
    const moved = [move(a, b, now), move(b, a, now)];
    if (!moved.includes(true)) return;
  }
  throw new Error("they never end");
}

function move(from: DirectDevice, to: DirectDevice, now: EpochMs): boolean {
  let hasMoved = false;
  const next = () => from.engine.pollOutgoing(to.identity.peerId, now);
  for (let bytes = next(); bytes !== undefined; bytes = next()) {
    to.engine.handleBytes(from.identity.peerId, bytes.slice(), now);
    hasMoved = true;
  }
  for (let task = from.engine.pollFlush(); task !== undefined; task = from.engine.pollFlush()) {
    from.engine.handleFlushed(task, now);
    hasMoved = true;
  }
  while (from.engine.pollEvents() !== undefined);
  return hasMoved;
}

export function meet(a: DirectDevice, b: DirectDevice, now: EpochMs): void {
  a.engine.handlePeerUp(b.identity.peerId, now);
  b.engine.handlePeerUp(a.identity.peerId, now);
}

export function part(a: DirectDevice, b: DirectDevice, now: EpochMs): void {
  a.engine.handlePeerDown(b.identity.peerId, now);
  b.engine.handlePeerDown(a.identity.peerId, now);
}
