/**
 * One device of a world: a store, a log, an engine, and a host without promises of its own. After every input it takes
 * everything that the engine has to say, exactly as core/host does, but on virtual time: flushes take as long as they are
 * drawn to take, and a crash can come between any two steps.
 *
 * Why so long: opening, what the app does, what links do and the host's loop share one session that ends with a crash.
 */
import { assert } from "../../core/base/assert.ts";
import type { Clock } from "../../core/base/clock.ts";
import type { Group, Identity } from "../../core/base/identity.ts";
import type { EpochMs, EventId, FileId, PeerId } from "../../core/base/ids.ts";
import type { Random } from "../../core/base/random.ts";
import { unwrap, type Result } from "../../core/base/result.ts";
import type { SqlDatabase } from "../../core/base/sql.ts";
import type { Storage, StorageProvider } from "../../core/base/storage.ts";
import { FileSyncError } from "../../core/errors.ts";
import { readCache } from "../../core/log/cache.ts";
import { EventLog } from "../../core/log/event-log.ts";
import { openFormat } from "../../core/log/format.ts";
import type { LogScan } from "../../core/log/log-file.ts";
import type { FaultPlan, FaultyStorage } from "../../core/storage/faulty.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import type { EngineEvent, FlushTask } from "../../core/sync/context.ts";
import { Engine } from "../../core/sync/engine.ts";
import type { Progress } from "../../core/sync/progress.ts";
import type { RequestOptions } from "../../core/sync/want-control.ts";
import { between, happens } from "./draw.ts";
import type { Pipe } from "./link.ts";
import { readAttachment } from "./attach.ts";
import { watchedStorage, type LoggedEvent, type Watcher } from "./watched-storage.ts";

/** What a device needs of its world. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  /** A promise is about to settle: the run waits for it before time goes on. */
  promiseDue(): void;
  /** Something was thrown where nobody catches; the run ends with it. */
  defect(thrown: unknown): void;
  /** The engine asked to close the connection to this peer. */
  peerDropped(device: Device, peer: PeerId): void;
}

export interface DeviceOptions {
  readonly name: string;
  readonly identity: Identity;
  readonly group: Group;
  readonly provider: StorageProvider;
  /** The same provider, when it is one that can lose things. */
  readonly faulty: FaultyStorage | undefined;
  /** How long a flush takes, at least and at most; memory flushes take none. */
  readonly flushMs: readonly [least: number, most: number];
  /** 0 to 1: the part of openings that save the projections' cache at once. */
  readonly cachesAtOpening?: number;
}

/** From opening to closing or crash. */
interface Session {
  readonly storage: Storage;
  readonly database: SqlDatabase;
  readonly log: EventLog;
  readonly engine: Engine;
}

/** An engine that wants to be called again at once so often in a row would keep a real device's core busy. */
const restlessTimeoutsMax = 20;
const pumpTurnsMax = 100_000;

export class Device {
  readonly name: string;
  readonly identity: Identity;
  readonly faulty: FaultyStorage | undefined;
  /** What the engine told, but for `progressed`, which are many. */
  readonly events: EngineEvent[] = [];
  /** Called for every event of the engine, `progressed` too. */
  onEvent: (event: EngineEvent) => void = () => {};
  /** Pipes to the peers that are connected. */
  readonly outgoing = new Map<PeerId, Pipe<Device>>();
  /** Counts openings of the store. */
  sessionCount = 0;
  /** What the last opening of the log found. */
  scan: LogScan | undefined;
  /** Events appended to the log, by position; those behind `acknowledgedBytes` may be lost with the power. */
  logged: LoggedEvent[] = [];
  acknowledgedBytes = 0;
  group: Group;
  readonly #options: DeviceOptions;
  readonly #world: Surroundings;
  readonly #watcher: Watcher = {
    appended: (event) => this.logged.push(event),
    overwritten: (position) => {
      for (const event of this.logged) if (event.position === position) event.isShredded = true;
    },
  };
  /** Flushes of the log after which slices are thrown away: what a command acknowledges waits for them. */
  readonly #drops = new Set<Promise<void>>();
  #plan: FaultPlan = {};
  #session: Session | undefined;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #restlessTimeouts = 0;

  constructor(options: DeviceOptions, world: Surroundings) {
    this.#options = options;
    this.#world = world;
    this.name = options.name;
    this.identity = options.identity;
    this.faulty = options.faulty;
    this.group = options.group;
  }

  get peerId(): PeerId {
    return this.identity.peerId;
  }

  get isUp(): boolean {
    return this.#session !== undefined;
  }

  get engine(): Engine {
    return this.#open.engine;
  }

  get log(): EventLog {
    return this.#open.log;
  }

  get storage(): Storage {
    return this.#open.storage;
  }

  /** Slices are about to go: the log is being flushed for it. */
  get isDropping(): boolean {
    return this.#drops.size > 0;
  }

  /** The projections, for a look from outside. */
  get database(): SqlDatabase {
    return this.#open.database;
  }

  /** What survives the device. */
  get provider(): StorageProvider {
    return this.#options.provider;
  }

  get #open(): Session {
    assert(this.#session !== undefined, `${this.name} is up`);
    return this.#session;
  }

  // ---- Opening, closing, crashing

  /** The steps of core/api when it opens a store. */
  async open(): Promise<void> {
    assert(this.#session === undefined, `${this.name} is down`);
    const { identity, provider, cachesAtOpening = 0 } = this.#options;
    this.faulty?.setPlan({});
    const storage = watchedStorage(await provider.open(), this.#watcher);
    unwrap(openFormat(storage, this.#world.random));
    const opened = await this.#openLog(storage);
    const { log, database } = opened;
    this.scan = opened.scan;
    const engine = new Engine({ log, identity, group: this.group, random: this.#world.random }, this.#now());
    if (happens(this.#world.random, cachesAtOpening)) log.saveCache(this.#world.random);
    await storage.flushNames();
    this.#session = { storage, database, log, engine };
    this.sessionCount++;
    this.logged = this.logged.filter(({ id, position }) => position < this.acknowledgedBytes || log.has(id));
    this.setFaults({});
    this.flushLog();
    this.pump();
  }

  /** In order, in no time: everything is flushed, nothing is lost. */
  async close(): Promise<void> {
    const { log, storage } = this.#open;
    this.faulty?.setPlan({});
    await log.flush();
    if (log.eventsSinceCache > 0) log.saveCache(this.#world.random);
    await storage.flushNames();
    this.acknowledgedBytes = log.size;
    this.#leave();
    log.close();
    storage.close();
  }

  /** From the cache where there is one for this log, otherwise from the log alone. */
  async #openLog(storage: Storage): Promise<{ log: EventLog; scan: LogScan; database: SqlDatabase }> {
    const { identity } = this.#options;
    const groupKeys = this.group.keys;
    const cache = readCache(storage, identity);
    if (cache !== undefined) {
      const database = await openSqlJs({ image: cache.image });
      const cached = { cachedPosition: cache.position, cachedEvents: cache.events };
      const opened = unwrap(EventLog.open({ storage, database, ...cached, identity, groupKeys }));
      if (opened.isCacheSound) return { ...opened, database };
      opened.log.close();
    }
    const database = await openSqlJs();
    return { ...unwrap(EventLog.open({ storage, database, cachedPosition: 0, identity, groupKeys })), database };
  }

  /** With `kill` what was written is there after; with `power_loss` only what was flushed is certain to be. */
  crash(kind: "kill" | "power_loss"): void {
    const { log, storage } = this.#open;
    assert(kind === "kill" || this.faulty !== undefined, "only a faulty storage can lose its power");
    this.#leave();
    this.faulty?.crash(kind);
    log.close();
    storage.close();
  }

  /** Of a faulty storage, beside the duration of flushes. */
  setFaults(plan: FaultPlan): void {
    const [least, most] = this.#options.flushMs;
    const scheduleFlush = (finish: () => void): void => {
      const delayMs = between(this.#world.random, least, most);
      const finishNow = (): void => {
        this.#world.promiseDue();
        finish();
      };
      if (delayMs === 0) finishNow();
      else this.#world.clock.schedule(delayMs, finishNow);
    };
    this.#plan = { scheduleFlush, ...plan };
    this.faulty?.setPlan(this.#plan);
  }

  /** A look from outside: it reads whatever state the disk is in, and uses up none of its planned failures. */
  peek<T>(look: () => T): T {
    const { failure } = this.#plan;
    if (this.faulty === undefined || failure === undefined) return look();
    const call = failure.call - this.faulty.callCount();
    this.faulty.setPlan({});
    try {
      return look();
    } finally {
      const isOver = call <= 0 && !failure.lasting;
      const { failure: _, ...plan } = this.#plan;
      this.#plan = isOver ? plan : { ...plan, failure: { ...failure, call: Math.max(1, call) } };
      this.faulty.setPlan(this.#plan);
    }
  }

  #leave(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#session = undefined;
    this.#drops.clear();
    this.outgoing.clear();
  }

  // ---- What the app does. Each acts at once; `acknowledgedBytes` tells when it is durable.

  request(fileId: FileId, options: RequestOptions = {}): Result<void> {
    return this.command((engine, now) => engine.request(fileId, options, now));
  }

  pause(fileId: FileId): Result<void> {
    return this.command((engine, now) => engine.pause(fileId, now));
  }

  resume(fileId: FileId): Result<void> {
    return this.command((engine, now) => engine.resume(fileId, now));
  }

  cancel(fileId: FileId, { keepSlices = false } = {}): Result<void> {
    return this.command((engine, now) => engine.cancel(fileId, keepSlices, now));
  }

  delete(fileId: FileId): Result<void> {
    return this.command((engine, now) => engine.delete(fileId, now));
  }

  setGroup(group: Group): void {
    this.group = group;
    if (this.#session === undefined) return;
    this.command((engine, now) => engine.setGroup(group, now));
  }

  progress(fileId: FileId): Progress | undefined {
    return this.engine.progress(fileId, this.#now());
  }

  status(fileId: FileId): Progress["status"] {
    return this.progress(fileId)?.status ?? "none";
  }

  /** The attached bytes, when the file is complete here; throws a FileSyncError otherwise. */
  read(fileId: FileId): Uint8Array {
    return readAttachment(this.log, fileId);
  }

  /** Runs something on the engine, takes what comes of it, and begins to make it durable. */
  command<T>(run: (engine: Engine, now: EpochMs) => T): T {
    const value = run(this.engine, this.#now());
    this.pump();
    this.flushLog();
    return value;
  }

  flushLog(): void {
    const { log } = this.#open;
    const bytes = log.size;
    this.settle(
      async () => {
        await log.flush();
        await Promise.all(this.#drops);
      },
      () => {
        this.acknowledgedBytes = Math.max(this.acknowledgedBytes, bytes);
      },
    );
  }

  /** Events that an acknowledgement covers and that are not in the log: none, ever (G-9), but for what was being shredded. */
  lostEvents(): EventId[] {
    const { log } = this.#open;
    return this.logged.flatMap(({ id, position, isShredded }) =>
      position < this.acknowledgedBytes && !isShredded && !log.has(id) ? [id] : [],
    );
  }

  // ---- What links do

  peerUp(peer: PeerId, pipe: Pipe<Device>): boolean {
    if (!this.engine.handlePeerUp(peer, this.#now())) return false;
    this.outgoing.set(peer, pipe);
    return true;
  }

  peerDown(peer: PeerId): void {
    this.outgoing.delete(peer);
    if (this.#session === undefined) return;
    this.engine.handlePeerDown(peer, this.#now());
    this.pump();
  }

  receive(from: PeerId, bytes: Uint8Array): void {
    if (this.#session === undefined) return;
    this.engine.handleBytes(from, bytes, this.#now());
    this.pump();
  }

  // ---- The host

  /** Takes everything that the engine has to say now. */
  pump(): void {
    const session = this.#session;
    if (session === undefined) return;
    for (let turn = 0; this.#pumpOnce(session.engine); turn++) {
      assert(turn < pumpTurnsMax, "an engine has said everything at some time");
    }
    this.#setTimer(session.engine);
  }

  /** Awaits something of this session; what is still under way when it ends is forgotten. */
  settle<T>(work: () => Promise<T>, then: (value: T) => void, failed: (error: FileSyncError) => void = () => {}): void {
    const session = this.#session;
    this.#world.promiseDue();
    work()
      .then(
        (value) => {
          if (session === this.#session) then(value);
        },
        (thrown: unknown) => {
          if (!(thrown instanceof FileSyncError)) throw thrown;
          if (session === this.#session) failed(thrown);
        },
      )
      .catch((thrown: unknown) => this.#world.defect(thrown));
  }

  #pumpOnce(engine: Engine): boolean {
    let hasMoved = false;
    for (let task = engine.pollFlush(); task !== undefined; task = engine.pollFlush()) {
      hasMoved = true;
      this.#flush(task);
    }
    for (const [peer, pipe] of this.outgoing) {
      while (pipe.hasRoom) {
        const bytes = engine.pollOutgoing(peer, this.#now());
        if (bytes === undefined) break;
        hasMoved = true;
        pipe.send(bytes.slice());
      }
    }
    for (let event = engine.pollEvents(); event !== undefined; event = engine.pollEvents()) {
      hasMoved = true;
      if (event.kind !== "progressed") this.events.push(event);
      if (event.kind === "peer_dropped") this.#world.peerDropped(this, event.peer);
      this.onEvent(event);
    }
    return hasMoved;
  }

  #flush(task: FlushTask): void {
    const { log, engine } = this.#open;
    this.settle(
      async () => {
        if (task.kind !== "drop") {
          return log.slices.flush(task.fileId);
        }
        const flushing = log.flush().finally(() => this.#drops.delete(flushing));
        this.#drops.add(flushing);
        await flushing;
      },
      () => {
        engine.handleFlushed(task, this.#now());
        this.pump();
      },
      (error) => {
        engine.handleFlushFailed(task, error, this.#now());
        this.pump();
      },
    );
  }

  #setTimer(engine: Engine): void {
    const dueMs = engine.pollTimeout();
    assert((dueMs ?? Number.POSITIVE_INFINITY) <= engine.measureTimeout(), `${this.name} wakes up in time`);
    if (dueMs === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    // A real timer has whole milliseconds, and none in the past.
    const atMs = Math.max(Math.ceil(dueMs), this.#now() + 1);
    if (this.#timer?.atMs === atMs) return;
    this.#timer?.cancel();
    const cancel = this.#world.clock.schedule(atMs - this.#now(), () => {
      this.#timer = undefined;
      this.#timeOut(engine);
    });
    this.#timer = { atMs, cancel };
  }

  #timeOut(engine: Engine): void {
    engine.handleTimeout(this.#now());
    const dueMs = engine.pollTimeout();
    this.#restlessTimeouts = dueMs !== undefined && dueMs <= this.#now() ? this.#restlessTimeouts + 1 : 0;
    assert(
      this.#restlessTimeouts < restlessTimeoutsMax,
      `${this.name}'s engine does not ask to be called at once for ever`,
    );
    this.pump();
  }

  #now(): EpochMs {
    return this.#world.clock.nowMs();
  }
}
