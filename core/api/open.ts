/** Opening: the store's lock, its format, its log with the tables that follow from it, the engine, the connections. */
import type { Clock } from "../base/clock.ts";
import { epochMs } from "../base/ids.ts";
import { silentLogger } from "../base/logger.ts";
import type { Group, Identity } from "../base/identity.ts";
import type { Logger } from "../base/logger.ts";
import { systemRandom, type Random } from "../base/random.ts";
import { unwrap } from "../base/result.ts";
import type { Storage } from "../base/storage.ts";
import { cryptoReady } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { Host } from "../host/host.ts";
import { Refresher } from "../host/refresher.ts";
import { Snapshots } from "../host/snapshots.ts";
import { cacheEventsMin } from "../limits.ts";
import { readingCache } from "../log/cache.ts";
import { EventLog } from "../log/event-log.ts";
import type { LogScan } from "../log/log-file.ts";
import { openFormat } from "../log/format.ts";
import type { Steps } from "../log/steps.ts";
import { openSqlJs, type SqlJsOptions } from "../storage/sql-js.ts";
import { Engine } from "../sync/engine.ts";
import { systemClock } from "../transport/system-clock.ts";
import { FileSync } from "./file-sync.ts";
import { checkGroup, checkIdentity, checkOpen, transportsOf } from "./options.ts";
import type { OpenOptions } from "./types.ts";

/**
 * Opens a store and joins the group. Takes up every want where it was: active ones go on, paused ones stay paused.
 *
 * Errors: argument_invalid, key_length_invalid, storage_locked (another process or tab has the store), store_newer,
 * store_not_ours, storage_….
 */
export async function openFileSync(options: OpenOptions): Promise<FileSync> {
  await cryptoReady();
  checkOpen(options);
  const identity = checkIdentity(options.identity);
  const group = { current: checkGroup(options.group) };
  const random = options.random ?? systemRandom();
  const clock = inWholeMs(options.clock ?? systemClock());
  const logger = options.logger ?? silentLogger;
  const storage = await options.storage.open();
  let log: EventLog | undefined;
  try {
    unwrap(openFormat(storage, random));
    log = await openLog({ storage, identity, keys: group.current.keys, logger, clock }, options.sqlWasm);
    await storage.flushNames();
    return await start({ ...options, storage, identity, group, random, clock, logger, log });
  } catch (thrown) {
    log?.close();
    storage.close();
    throw thrown;
  }
}

/** Events carry whole milliseconds; an app's clock may count finer. */
function inWholeMs(clock: Clock): Clock {
  return {
    nowMs: () => epochMs(Math.floor(clock.nowMs())),
    schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
  };
}

type Opened = Omit<OpenOptions, "storage" | "identity" | "group" | "random" | "clock" | "logger"> & {
  readonly storage: Storage;
  readonly identity: Identity;
  readonly group: { current: Group };
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: EventLog;
};

async function start(opened: Opened): Promise<FileSync> {
  const { storage, identity, group, random, clock, logger, log } = opened;
  const engine = new Engine({ log, identity, group: group.current, random }, clock.nowMs());
  const snapshots = new Snapshots(
    (fileId) => engine.progress(fileId, clock.nowMs()),
    // Its message is the app's and may hold anything.
    (thrown) => logger.error("a listener threw", { name: thrown instanceof Error ? thrown.name : typeof thrown }),
  );
  const unfinished = log.queries.wantsThatAre("active", "paused", "failed", "cancelled", "expired");
  snapshots.refresh(unfinished.map(({ fileId }) => fileId));
  // After a crash there is no cache, or an old one: the next opening need not replay all of it again.
  if (log.eventsSinceCache >= cacheEventsMin) await saveCache(opened);
  const refresher = new Refresher({ clock, snapshots });
  const host = new Host({
    engine,
    identity,
    clock,
    random,
    logger,
    transports: transportsOf(opened),
    isMember: (peer) => group.current.members.has(peer),
    onEvent: (event) => refresher.onEvent(event),
  });
  const closeStore = async (): Promise<void> => {
    refresher.close();
    try {
      await log.flush();
      if (log.isCacheDue) await saveCache(opened);
      await storage.flushNames();
    } finally {
      log.close();
      storage.close();
    }
  };
  try {
    await host.start();
  } catch (thrown) {
    refresher.close();
    await host.close();
    throw thrown;
  }
  return new FileSync({ engine, host, identity, snapshots, group, closeStore });
}

/** Others have a turn between two steps: of a store with many attachments there are many. */
async function inTurns<T>(clock: Clock, steps: Steps<T>): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await new Promise<void>((resolve) => clock.schedule(0, resolve));
  }
}

/** It spares a replay and nothing else: where there is no room for it, the store does without. */
async function saveCache({ log, random, logger, clock }: Opened): Promise<void> {
  try {
    await inTurns(clock, log.savingCache(random));
  } catch (thrown) {
    if (!(thrown instanceof FileSyncError)) throw thrown;
    logger.warn("the tables could not be cached", { code: thrown.code });
  }
}

type LogSource = Pick<Opened, "storage" | "identity" | "logger" | "clock"> & Pick<Group, "keys">;

/** With the tables from the cache where it stands for a part of this log; without it, from the log alone. */
async function openLog(source: LogSource, wasm: SqlJsOptions["wasm"]): Promise<EventLog> {
  const { storage, identity, keys: groupKeys, logger, clock } = source;
  const cache = await inTurns(clock, readingCache(storage, identity));
  const withWasm = wasm === undefined ? {} : { wasm };
  if (cache !== undefined) {
    const database = await openSqlJs({ ...withWasm, image: cache.image }).catch(() => undefined);
    if (database !== undefined) {
      const { position: cachedPosition, events: cachedEvents } = cache;
      const opening = EventLog.opening({ storage, database, cachedPosition, cachedEvents, identity, groupKeys });
      const opened = unwrap(await inTurns(clock, opening));
      if (opened.isCacheSound) return report(opened, logger);
      // The log lost its end: the tables speak of what is no more.
      opened.log.close();
    }
  }
  const database = await openSqlJs(withWasm);
  const opening = EventLog.opening({ storage, database, cachedPosition: 0, identity, groupKeys });
  return report(unwrap(await inTurns(clock, opening)), logger);
}

function report({ log, scan }: { readonly log: EventLog; readonly scan: LogScan }, logger: Logger): EventLog {
  logger.debug("store opened", { logBytes: log.size, records: scan.records, bytesCut: scan.bytesCut });
  if (scan.damaged > 0) logger.warn("damaged events were passed over", { count: scan.damaged });
  return log;
}
