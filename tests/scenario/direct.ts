/** Two engines joined by nothing but a loop: no clock, no link. For scenarios that are run thousands of times. */
import type { Group, Identity } from "../../core/base/identity.ts";
import { epochMs, type EpochMs } from "../../core/base/ids.ts";
import { seededRandom } from "../../core/base/random.ts";
import { unwrap } from "../../core/base/result.ts";
import type { StorageProvider } from "../../core/base/storage.ts";
import { EventLog } from "../../core/log/event-log.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { Engine } from "../../core/sync/engine.ts";

export interface DirectDevice {
  readonly identity: Identity;
  readonly engine: Engine;
  close(): void;
}

export const startMs: EpochMs = epochMs(Date.UTC(2026, 0, 1));

export async function openDirect(provider: StorageProvider, identity: Identity, group: Group): Promise<DirectDevice> {
  const storage = await provider.open();
  const database = await openSqlJs();
  const { log } = unwrap(EventLog.open({ storage, database, cachedPosition: 0, identity, groupKeys: group.keys }));
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
    to.engine.handleBytes(from.identity.peerId, bytes, now);
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
