/** A store in memory with its log, opened as core/api does it, and copies of it to damage. */
import type { Identity } from "../../core/base/identity.ts";
import { epochMs, type FileId } from "../../core/base/ids.ts";
import { unwrap, type Result } from "../../core/base/result.ts";
import type { SqlDatabase } from "../../core/base/sql.ts";
import type { Storage, StorageProvider } from "../../core/base/storage.ts";
import { identityFromSeed } from "../../core/crypto/index.ts";
import { EventLog } from "../../core/log/event-log.ts";
import type { LogScan } from "../../core/log/log-file.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import type { Event } from "../../events/index.ts";
import { createdAtMs, groupKey, seed } from "../vectors/event-cases.ts";

export const now = createdAtMs;
export const later = (ms: number) => epochMs(createdAtMs + ms);
export const me = (): Identity => identityFromSeed(seed);

export interface OpenStore {
  readonly storage: Storage;
  readonly database: SqlDatabase;
  readonly log: EventLog;
  readonly scan: LogScan;
  readonly gone: readonly FileId[];
  close(): void;
}

export async function tryOpenStore(provider: StorageProvider, groupKeys = [groupKey]): Promise<Result<OpenStore>> {
  const storage = await provider.open();
  const database = await openSqlJs();
  const opened = EventLog.open({ storage, database, cachedPosition: 0, identity: me(), groupKeys });
  if (!opened.ok) {
    storage.close();
    return opened;
  }
  const { log, scan, gone } = opened.value;
  const close = (): void => {
    log.close();
    storage.close();
  };
  return { ok: true, value: { storage, database, log, scan, gone, close } };
}

export const openStore = async (
  provider: StorageProvider = memoryStorage(),
  groupKeys = [groupKey],
): Promise<OpenStore> => unwrap(await tryOpenStore(provider, groupKeys));

/** Every file of a store that is closed, by name. */
export async function filesOf(provider: StorageProvider): Promise<Map<string, Uint8Array>> {
  const storage = await provider.open();
  const files = new Map(storage.list("").map((name) => [name, contentOfFile(storage, name)]));
  storage.close();
  return files;
}

export function contentOfFile(storage: Storage, name: string): Uint8Array {
  const file = storage.open(name, { create: true });
  const bytes = new Uint8Array(file?.size() ?? 0);
  file?.readAt(bytes, 0);
  file?.close();
  return bytes;
}

/** A new store with these files. */
export async function storeOf(files: ReadonlyMap<string, Uint8Array>): Promise<StorageProvider> {
  const provider = memoryStorage();
  const storage = await provider.open();
  for (const [name, bytes] of files) {
    const file = storage.open(name, { create: true });
    file?.writeAt(bytes, 0);
    file?.close();
  }
  storage.close();
  return provider;
}

/** A log with these events, closed again. */
export async function logOf(events: readonly Event[]): Promise<StorageProvider> {
  const provider = memoryStorage();
  const store = await openStore(provider);
  for (const event of events) store.log.append(event, now);
  store.close();
  return provider;
}
