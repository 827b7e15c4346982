/**
 * The log: every event that this device has recorded, and the tables that follow from them. Appending is idempotent,
 * applying is one transaction, and replaying gives the same tables (G-3).
 *
 * Whoever appends has checked the event; here an event is true. What is written is in the operating system's hands;
 * `flush` makes it durable, and whoever acknowledges something awaits it first.
 */
import { assert } from "../base/assert.ts";
import { ok, type Result } from "../base/result.ts";
import type { Identity } from "../base/identity.ts";
import type { EpochMs, EventId, FileId, PeerId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import type { SqlDatabase } from "../base/sql.ts";
import type { Storage, StorageFile } from "../base/storage.ts";
import { decodeEvent, groupKeyring, projectEvent, type Event, type GroupKeyring } from "../../events/index.ts";
import { envelopeLayout, localTypeMin } from "../../events/envelope.ts";
import { migrations, peerSeen, type RowChange } from "../../schema/index.ts";
import { applyChanges } from "./apply.ts";
import { removeCache, writeCache } from "./cache.ts";
import { EventSum } from "./event-sum.ts";
import { LogFile, type LogRecord, type LogScan } from "./log-file.ts";
import { LogQueries } from "./queries.ts";
import { sequenceOf } from "./sequence.ts";
import { SharedIds } from "./shared-ids.ts";
import { SliceStore } from "./slice-store.ts";

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
  readonly shared = new SharedIds();
  /** Files that the opening found to be deleted: what follows from that may have been lost in a crash. */
  gone: readonly FileId[] = [];
  readonly #storage: Storage;
  readonly #database: SqlDatabase;
  readonly #identity: Identity;
  readonly #positions = new Map<EventId, number>();
  #keyring: GroupKeyring;
  #handle: StorageFile | undefined;
  #file: LogFile | undefined;
  readonly #verified = new Map<FileId, boolean>();
  readonly #events = new EventSum();
  #sequence = 0;
  #projectedSinceCache = 0;
  #nextExpiryMs: number | undefined | "unknown" = "unknown";

  private constructor(options: EventLogOptions) {
    this.#storage = options.storage;
    this.#database = options.database;
    this.#identity = options.identity;
    this.#keyring = groupKeyring(options.groupKeys);
    this.slices = new SliceStore(options.storage);
    this.queries = new LogQueries(options.database);
  }

  /**
   * Reads the log, projects what the cache does not stand for, and finishes what a crash interrupted. What it opened it
   * closes again when that fails.
   */
  static open(options: EventLogOptions): Result<OpenedLog> {
    const log = new EventLog(options);
    try {
      const opened = log.#open(options);
      if (!opened.ok) log.close();
      return opened;
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  }

  /** Counts up with every local event of this device. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** Bytes of the log: what a cache would stand for. */
  get size(): number {
    return this.#log.size;
  }

  get eventsSinceCache(): number {
    return this.#projectedSinceCache;
  }

  get keyring(): GroupKeyring {
    return this.#keyring;
  }

  has(id: EventId): boolean {
    return this.#positions.has(id);
  }

  isKnownAuthor(peerId: PeerId): boolean {
    return this.queries.isKnownPeer(peerId);
  }

  /** Canonical bytes of an event that may travel; undefined when unknown or shredded. */
  eventBytes(id: EventId): Uint8Array | undefined {
    const position = this.#positions.get(id);
    const record = position === undefined ? undefined : this.#log.read(position);
    return record === undefined || record.shredded ? undefined : record.bytes;
  }

  /** Whether every window of the file was proved; remembered, since it is asked for every window that is served. */
  isVerified(fileId: FileId): boolean {
    const known = this.#verified.get(fileId);
    if (known !== undefined) return known;
    const isVerified = this.queries.isVerified(fileId);
    this.#verified.set(fileId, isVerified);
    return isVerified;
  }

  /** When the next attachment expires; remembered, since it is asked after every message. */
  nextExpiryMs(): number | undefined {
    if (this.#nextExpiryMs === "unknown") this.#nextExpiryMs = this.queries.nextExpiryMs();
    return this.#nextExpiryMs;
  }

  /** Records a checked event and what follows from it. The same event twice is the same as once. */
  append(event: Event, now: EpochMs): Appended {
    if (this.#positions.has(event.id)) return notNew;
    const projected = projectEvent(event, this.#keyring);
    assert(projected.ok, "only checked events are appended");
    const position = this.#log.append(event.id, event.bytes, now);
    this.#index({ id: event.id, position, recordedAtMs: now, shredded: false, bytes: event.bytes });
    const hidden = this.#database.transaction(() => this.#applyChanges(event.id, projected.value));
    for (const { eventId } of hidden) this.#shred(eventId);
    return { isNew: true, gone: this.#withoutDescriptor(hidden.map(({ fileId }) => fileId)) };
  }

  /** Descriptors that earlier keys did not open are tried again. Returns files that turn out to be deleted. */
  setGroupKeys(keys: readonly Uint8Array[]): FileId[] {
    this.#keyring = groupKeyring(keys);
    return this.#readUnreadable();
  }

  /** Resolves when every event recorded before the call is durable. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  saveCache(random: Random): void {
    writeCache(
      this.#storage,
      this.#identity,
      { image: this.#database.image(), position: this.size, events: this.#events.bytes() },
      random,
    );
    this.#projectedSinceCache = 0;
  }

  close(): void {
    this.slices.close();
    this.#handle?.close();
    this.#database.close();
  }

  #open({ storage, database, cachedPosition, cachedEvents }: EventLogOptions): Result<OpenedLog> {
    const cached = new EventSum();
    if (cachedPosition === 0)
      for (const { statements } of migrations) for (const statement of statements) database.exec(statement);
    const file = storage.open("events.log", { create: true });
    assert(file !== undefined, "the log is made when it is absent");
    this.#handle = file;
    const hidden: EventId[] = [];
    const gone = new Set<FileId>();
    const opened = database.transaction(() =>
      LogFile.open(file, 0, (record) => {
        this.#index(record);
        const isFirst = this.#positions.get(record.id) === record.position;
        if (record.position < cachedPosition && isFirst) cached.add(record.id);
        if (record.position < cachedPosition) return;
        for (const each of this.#applyChanges(record.id, this.#changesOf(record))) {
          hidden.push(each.eventId);
          gone.add(each.fileId);
        }
      }),
    );
    if (!opened.ok) return opened;
    this.#file = opened.value.log;
    const { scan } = opened.value;
    // The tables speak of events that are no more: nothing is done by them.
    const isCacheSound = this.size >= cachedPosition && (cachedEvents === undefined || cached.equals(cachedEvents));
    if (!isCacheSound) return ok({ log: this, scan, isCacheSound, gone: [] });
    for (const eventId of hidden) this.#shred(eventId);
    this.#removeAbandoned();
    this.gone = [...this.#withoutDescriptor(gone), ...this.#readUnreadable()];
    return ok({ log: this, scan, isCacheSound, gone: this.gone });
  }

  get #log(): LogFile {
    assert(this.#file !== undefined, "the log is open");
    return this.#file;
  }

  #index(record: LogRecord): void {
    if (this.#positions.has(record.id)) return;
    this.#positions.set(record.id, record.position);
    this.#events.add(record.id);
    const type = record.bytes[1] as number;
    if (type < localTypeMin) this.shared.add(record.id);
    else if (!record.shredded) this.#sequence = Math.max(this.#sequence, sequenceOf(record.bytes));
  }

  /** What a recorded event does to the tables. One that this version cannot read does nothing, and is kept. */
  #changesOf(record: LogRecord): RowChange[] {
    if (record.shredded) {
      const envelope = envelopeLayout.decode(record.bytes);
      return envelope.ok ? [peerSeen(envelope.value.author, envelope.value.createdAtMs)] : [];
    }
    const event = decodeEvent(record.bytes);
    if (!event.ok) return [];
    const projected = projectEvent(event.value, this.#keyring);
    return projected.ok ? projected.value : [];
  }

  #applyChanges(
    id: EventId,
    changes: readonly RowChange[],
  ): readonly { readonly eventId: EventId; readonly fileId: FileId }[] {
    this.#projectedSinceCache++;
    this.#nextExpiryMs = "unknown";
    this.#verified.clear();
    return applyChanges(this.#database, id, changes).hidden;
  }

  /** In the log its payload is overwritten; the cache, which still has it, goes. */
  #shred(eventId: EventId): void {
    removeCache(this.#storage);
    const position = this.#positions.get(eventId);
    if (position !== undefined) this.#log.shred(position);
  }

  #withoutDescriptor(fileIds: Iterable<FileId>): FileId[] {
    return [...new Set(fileIds)].filter((fileId) => this.queries.descriptor(fileId) === undefined);
  }

  /** What an attach or a cancel that never ended left behind. */
  #removeAbandoned(): void {
    this.slices.removeAbandoned();
    const wanted = new Set(this.queries.wants().map(({ fileId }) => fileId));
    for (const fileId of this.slices.fileIds()) {
      // Attached here, and the record of it was damaged: the slices may be the only ones there are.
      const isDescribed = this.queries.descriptor(fileId) !== undefined;
      if (!wanted.has(fileId) && !isDescribed) this.slices.remove(fileId);
    }
  }

  #readUnreadable(): FileId[] {
    const gone = new Set<FileId>();
    for (const { eventId, keyId } of this.queries.unreadable()) {
      const bytes = this.#keyring.has(keyId) ? this.eventBytes(eventId) : undefined;
      if (bytes === undefined) continue;
      const event = decodeEvent(bytes);
      const projected = event.ok ? projectEvent(event.value, this.#keyring) : event;
      if (!projected.ok) continue;
      const hidden = this.#database.transaction(() => this.#applyChanges(eventId, projected.value));
      for (const each of hidden) {
        this.#shred(each.eventId);
        gone.add(each.fileId);
      }
    }
    return this.#withoutDescriptor(gone);
  }
}
