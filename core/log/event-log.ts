/**
 * The log: every event that this device has recorded, and the tables that follow from them. Appending is idempotent,
 * applying is one transaction, and replaying gives the same tables (G-3).
 *
 * Whoever appends has checked the event; here an event is true. What is written is in the operating system's hands;
 * `flush` makes it durable, and whoever acknowledges something awaits it first.
 */
import { assert } from "../base/assert.ts";
import { bytesEqual } from "../base/bytes.ts";
import { ok, type Result } from "../base/result.ts";
import type { Identity } from "../base/identity.ts";
import type { EpochMs, EventId, FileId, PeerId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import type { SqlDatabase } from "../base/sql.ts";
import type { Storage, StorageFile } from "../base/storage.ts";
import { cachedEventsPerReplayed, openTurnEvents, openTurnRecords } from "../limits.ts";
import { groupKeyring, projectEvent, type Event, type GroupKeyring } from "../../events/index.ts";
import { migrations, type AttachmentRow, type RowChange } from "../../schema/index.ts";
import { removingAbandoned } from "./abandoned.ts";
import { applyChanges, type Applied } from "./apply.ts";
import { removeCache, writingCache } from "./cache.ts";
import { changesOf } from "./changes-of.ts";
import { EventIndex } from "./event-index.ts";
import { Facts } from "./facts.ts";
import { LogFile, type LogScan, type LogScanner } from "./log-file.ts";
import { LogQueries } from "./queries.ts";
import type { SharedIds } from "./shared-ids.ts";
import { SliceStore } from "./slice-store.ts";
import { toEnd, type Steps } from "./steps.ts";

export interface EventLogOptions {
  readonly storage: Storage;
  /** Empty, or opened from the cache's image. */
  readonly database: SqlDatabase;
  /** Bytes of the log that the database stands for already; 0 when it is empty. */
  readonly cachedPosition: number;
  /** What the cache says of the events before that; unset: not compared. */
  readonly cachedEvents?: Uint8Array;
  readonly identity: Identity;
  readonly groupKeys: readonly Uint8Array[];
}

export interface Appended {
  readonly isNew: boolean;
  /** Files that no descriptor is left of: their slices are to be dropped. */
  readonly gone: readonly FileId[];
}

export interface OpenedLog {
  readonly log: EventLog;
  readonly scan: LogScan;
  /** False: a crash took events that the cached tables know. The log is to be opened again without the cache. */
  readonly isCacheSound: boolean;
  /** As in the log: files that the opening found to be deleted. */
  readonly gone: readonly FileId[];
}

const notNew: Appended = { isNew: false, gone: [] };

export class EventLog {
  readonly slices: SliceStore;
  readonly queries: LogQueries;
  /** Files that the opening found to be deleted: what follows from that may have been lost in a crash. */
  gone: readonly FileId[] = [];
  readonly #storage: Storage;
  readonly #database: SqlDatabase;
  readonly #identity: Identity;
  readonly #index = new EventIndex();
  #keyring: GroupKeyring;
  #handle: StorageFile | undefined;
  #file: LogFile | undefined;
  readonly #facts: Facts;
  #projectedSinceCache = 0;

  private constructor(options: EventLogOptions) {
    this.#storage = options.storage;
    this.#database = options.database;
    this.#identity = options.identity;
    this.#keyring = groupKeyring(options.groupKeys);
    this.slices = new SliceStore(options.storage);
    this.queries = new LogQueries(options.database);
    this.#facts = new Facts(this.queries);
  }

  /** `opening`, without a pause. */
  static open(options: EventLogOptions): Result<OpenedLog> {
    return toEnd(EventLog.opening(options));
  }

  /**
   * Reads the log, projects what the cache does not stand for, and finishes what a crash interrupted. What it opened it
   * closes again when that fails. In steps of some milliseconds, between which others may have a turn.
   */
  static *opening(options: EventLogOptions): Steps<Result<OpenedLog>> {
    const log = new EventLog(options);
    try {
      const opened = yield* log.#open(options);
      if (!opened.ok) log.close();
      return opened;
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  }

  /** The ids of all events that may travel. */
  get shared(): SharedIds {
    return this.#index.shared;
  }

  /** Counts up with every local event of this device. */
  nextSequence(): number {
    return this.#index.nextSequence();
  }

  /** Bytes of the log: what a cache would stand for. */
  get size(): number {
    return this.#log.size;
  }

  get eventsSinceCache(): number {
    return this.#projectedSinceCache;
  }

  /**
   * Whether the next opening is to find the tables cached anew: written for every event, a store of 100,000 would write
   * seventy megabytes at each closing, so some events are left to be replayed.
   */
  get isCacheDue(): boolean {
    return this.#projectedSinceCache * cachedEventsPerReplayed > this.#index.count;
  }

  get keyring(): GroupKeyring {
    return this.#keyring;
  }

  has(id: EventId): boolean {
    return this.#index.has(id);
  }

  isKnownAuthor(peerId: PeerId): boolean {
    return this.queries.isKnownPeer(peerId);
  }

  /** Canonical bytes of an event that may travel; undefined when unknown or shredded. */
  eventBytes(id: EventId): Uint8Array | undefined {
    const position = this.#index.positionOf(id);
    const record = position === undefined ? undefined : this.#log.read(position);
    return record === undefined || record.shredded ? undefined : record.bytes;
  }

  /** Whether every window of the file was proved. */
  isVerified(fileId: FileId): boolean {
    return this.#facts.isVerified(fileId);
  }

  /** The first descriptor of the file; all of them agree on key and length. */
  descriptor(fileId: FileId): AttachmentRow | undefined {
    return this.#facts.descriptor(fileId);
  }

  /** When the next attachment expires. */
  nextExpiryMs(): number | undefined {
    return this.#facts.nextExpiryMs();
  }

  /** Records a checked event and what follows from it. The same event twice is the same as once. */
  append(event: Event, now: EpochMs): Appended {
    if (this.#index.has(event.id)) return notNew;
    const projected = projectEvent(event, this.#keyring);
    assert(projected.ok, "only checked events are appended");
    const position = this.#log.append(event.id, event.bytes, now);
    this.#index.add({ id: event.id, position, recordedAtMs: now, shredded: false, bytes: event.bytes });
    const hidden = this.#database.transaction(() => this.#applyChanges(event.id, projected.value));
    for (const { eventId } of hidden) this.#shred(eventId);
    return { isNew: true, gone: this.#withoutDescriptor(hidden.map(({ fileId }) => fileId)) };
  }

  /** Descriptors that earlier keys did not open are tried again: files that have one now, and those that turn out to be deleted. */
  setGroupKeys(keys: readonly Uint8Array[]): {
    readonly readable: readonly FileId[];
    readonly gone: readonly FileId[];
  } {
    this.#keyring = groupKeyring(keys);
    return this.#readUnreadable();
  }

  /** Resolves when every event recorded before the call is durable. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  /** `savingCache`, without a pause. */
  saveCache(random: Random): void {
    toEnd(this.savingCache(random));
  }

  /** In steps; nothing is appended before the last. */
  *savingCache(random: Random): Steps<void> {
    const cache = { image: this.#database.image(), position: this.size, events: this.#index.sum() };
    yield* writingCache(this.#storage, this.#identity, cache, random);
    this.#projectedSinceCache = 0;
  }

  close(): void {
    this.slices.close();
    this.#handle?.close();
    this.#database.close();
  }

  *#open({ storage, database, cachedPosition, cachedEvents }: EventLogOptions): Steps<Result<OpenedLog>> {
    if (cachedPosition === 0)
      for (const { statements } of migrations) for (const statement of statements) database.exec(statement);
    const handle = storage.open("events.log", { create: true });
    assert(handle !== undefined, "the log is made when it is absent");
    this.#handle = handle;
    const file = LogFile.open(handle);
    if (!file.ok) return file;
    this.#file = file.value;
    const scanner = file.value.scanner();
    const { cached, hidden } = yield* this.#scanned(scanner, cachedPosition);
    const { scan } = scanner;
    // The tables speak of events that are no more: nothing is done by them.
    const isCacheSound =
      this.size >= cachedPosition && (cachedEvents === undefined || bytesEqual(cached, cachedEvents));
    if (!isCacheSound) return ok({ log: this, scan, isCacheSound, gone: [] });
    for (const { eventId } of hidden) this.#shred(eventId);
    yield* removingAbandoned(this.slices, this.queries);
    const { gone } = this.#readUnreadable();
    this.gone = [...this.#withoutDescriptor(hidden.map(({ fileId }) => fileId)), ...gone];
    return ok({ log: this, scan, isCacheSound, gone: this.gone });
  }

  /** Takes in the whole log; tells which events there are before `cachedPosition`, and what those behind it hide. */
  *#scanned(scanner: LogScanner, cachedPosition: number): Steps<{ cached: Uint8Array; hidden: Applied["hidden"] }> {
    let cached: Uint8Array | undefined;
    const hidden: Applied["hidden"] = [];
    const step = (): boolean => {
      let replayed = 0;
      for (let scanned = 0; scanned < openTurnRecords && replayed < openTurnEvents; scanned++) {
        const record = scanner.next();
        if (record === undefined) return false;
        const isCached = record.position < cachedPosition;
        if (!isCached) cached ??= this.#index.sum();
        this.#index.add(record);
        if (isCached) continue;
        replayed++;
        hidden.push(...this.#applyChanges(record.id, changesOf(record, this.#keyring)));
      }
      return true;
    };
    while (this.#database.transaction(step)) yield;
    return { cached: cached ?? this.#index.sum(), hidden };
  }

  get #log(): LogFile {
    assert(this.#file !== undefined, "the log is open");
    return this.#file;
  }

  #applyChanges(id: EventId, changes: readonly RowChange[]): Applied["hidden"] {
    this.#projectedSinceCache++;
    this.#facts.forget(changes);
    return applyChanges(this.#database, id, changes).hidden;
  }

  /** In the log its payload is overwritten; the cache, which still has it, goes. */
  #shred(eventId: EventId): void {
    removeCache(this.#storage);
    this.#projectedSinceCache = this.#index.count;
    const position = this.#index.positionOf(eventId);
    if (position !== undefined) this.#log.shred(position);
  }

  #withoutDescriptor(fileIds: Iterable<FileId>): FileId[] {
    return [...new Set(fileIds)].filter((fileId) => !this.queries.hasDescriptor(fileId));
  }

  /** What is told of each descriptor that opens now: its file, which is gone when it was deleted meanwhile. */
  #readUnreadable(): { readable: FileId[]; gone: FileId[] } {
    const readable = new Set<FileId>();
    const gone = new Set<FileId>();
    for (const { eventId } of [...this.#keyring.keys()].flatMap((keyId) => this.queries.unreadable(keyId))) {
      const bytes = this.eventBytes(eventId);
      if (bytes === undefined) continue;
      const changes = changesOf({ bytes, shredded: false }, this.#keyring);
      const hidden = this.#database.transaction(() => this.#applyChanges(eventId, changes));
      for (const change of changes) if (change.kind === "attachment_added") readable.add(change.row.fileId);
      for (const each of hidden) {
        this.#shred(each.eventId);
        gone.add(each.fileId);
        readable.delete(each.fileId);
      }
    }
    return { readable: [...readable], gone: this.#withoutDescriptor(gone) };
  }
}
