/**
 * Joins the engine to real time: connections, timers, flushes. The only place, with core/api above it, where anything
 * is awaited. Whatever comes in is handled, then everything that the engine has to say is taken: what to flush, what to
 * send, what to tell, when to come back.
 */
import type { Clock } from "../base/clock.ts";
import type { Identity } from "../base/identity.ts";
import type { EpochMs, FileId, PeerId } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import { unwrap, type Result } from "../base/result.ts";
import type { Transport } from "../base/transport.ts";
import { FileSyncError } from "../errors.ts";
import { lateTimerMs } from "../limits.ts";
import type { EngineEvent, FlushTask } from "../sync/context.ts";
import type { Engine } from "../sync/engine.ts";
import { FlushTurns } from "./flush-turns.ts";
import { FramePacker } from "./frame.ts";
import { Link, type LinkOwner } from "./link.ts";

export interface HostOptions {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transports: readonly Transport[];
  isMember(peer: PeerId): boolean;
  onEvent(event: EngineEvent): void;
}

export class Host implements LinkOwner {
  readonly identity: Identity;
  readonly random: Random;
  readonly clock: Clock;
  readonly packer = new FramePacker();
  readonly #options: HostOptions;
  readonly #engine: Engine;
  readonly #links = new Set<Link>();
  /** Of each peer the links that are open, the newest first: that one is sent on, all are listened to. */
  readonly #linksOf = new Map<PeerId, Link[]>();
  readonly #turns: FlushTurns;
  readonly #drops = new Set<Promise<void>>();
  #timer: { readonly atMs: EpochMs; readonly cancel: () => void } | undefined;
  #lateAtMs: EpochMs | undefined;
  #isClosed = false;
  #isSending = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.identity = options.identity;
    this.random = options.random;
    this.clock = options.clock;
    const { slices } = options.engine.log;
    this.#turns = new FlushTurns(
      (fileId) => slices.flush(fileId),
      () => this.pump(),
    );
  }

  async start(): Promise<void> {
    const accept = (connection: Parameters<Parameters<Transport["start"]>[0]>[0]): Link => {
      const link = new Link(this, connection);
      this.#links.add(link);
      link.begin();
      return link;
    };
    for (const transport of this.#options.transports) await transport.start(accept);
    this.pump();
  }

  /** Runs a command of the engine: it acts at once; resolves when what it recorded is durable. */
  async command<T>(run: (engine: Engine, now: EpochMs) => Result<T>): Promise<T> {
    const result = run(this.#engine, this.clock.nowMs());
    this.pump();
    const value = unwrap(result);
    // Not within the call: to begin a flush takes a busy system some milliseconds.
    await Promise.resolve();
    await this.flushLog();
    // What the command threw away is gone when it resolves.
    await Promise.all(this.#drops);
    return value;
  }

  /** Resolves when slices and proof of a file are durable, with their names; `prepare` writes them before that. */
  async flushFile(fileId: FileId, prepare: () => void): Promise<void> {
    const failure = await new Promise<unknown>((ended) => this.#turns.add({ fileId, prepare, ended }));
    // A failure of the storage, or a defect: either is told as it is.
    if (failure !== undefined) throw failure as Error;
  }

  flushLog(): Promise<void> {
    return this.#engine.log.flush();
  }

  /** Takes everything that the engine has to say now. */
  pump(): void {
    if (this.#isClosed) return;
    for (let task = this.#engine.pollFlush(); task !== undefined; task = this.#engine.pollFlush()) this.#flush(task);
    this.#send();
    for (let event = this.#engine.pollEvents(); event !== undefined; event = this.#engine.pollEvents())
      this.#tell(event);
    this.#setTimer();
  }

  /** A transport may answer within `send`: what follows from that is sent by the call that is under way. */
  #send(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (const [peer, links] of this.#linksOf)
        links[0]?.sendAll(() => this.#engine.pollOutgoing(peer, this.clock.nowMs()), this.#engine.frameBytesFor(peer));
    } finally {
      this.#isSending = false;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const link of [...this.#links]) link.close();
    await Promise.all(this.#options.transports.map((transport) => transport.stop()));
    await Promise.all([this.#turns.ended(), ...this.#drops]);
  }

  // ---- What links tell

  isMember(peer: PeerId): boolean {
    return this.#options.isMember(peer);
  }

  linkOpened(link: Link, peer: PeerId): void {
    const links = this.#linksOf.get(peer) ?? [];
    this.#linksOf.set(peer, [link, ...links]);
    this.#options.logger.debug("peer connected", { links: links.length + 1 });
    // Also when another link is open: that one may be dead, and the peer begun anew behind this one.
    this.#engine.handlePeerUp(peer, this.clock.nowMs());
    this.pump();
  }

  linkReceived(_link: Link, peer: PeerId, messages: readonly Uint8Array[]): void {
    const now = this.clock.nowMs();
    for (const message of messages) this.#engine.handleBytes(peer, message, now);
    this.pump();
  }

  linkDrained(): void {
    this.pump();
  }

  linkClosed(link: Link, error: FileSyncError | undefined): void {
    this.#links.delete(link);
    if (error !== undefined) this.#options.logger.info("connection ended", { code: error.code });
    for (const [peer, links] of this.#linksOf) {
      const at = links.indexOf(link);
      if (at < 0) continue;
      links.splice(at, 1);
      if (links.length === 0) this.#linksOf.delete(peer);
      if (this.#isClosed) return;
      // What was under way on it is lost: the engine begins anew, on the next link when there is one.
      if (at === 0) this.#engine.handlePeerDown(peer, this.clock.nowMs());
      if (at === 0 && links.length > 0) this.#engine.handlePeerUp(peer, this.clock.nowMs());
    }
    this.pump();
  }

  // ---- What the engine asks for

  #flush(task: FlushTask): void {
    const ended = (failure: unknown): void => {
      const now = this.clock.nowMs();
      if (failure === undefined) this.#engine.handleFlushed(task, now);
      else this.#engine.handleFlushFailed(task, asFileSyncError(failure), now);
    };
    if (task.kind !== "drop") return this.#turns.add({ fileId: task.fileId, ended });
    const dropping = this.flushLog()
      .then(() => ended(undefined), ended)
      .then(() => this.pump())
      .finally(() => this.#drops.delete(dropping));
    this.#drops.add(dropping);
  }

  #tell(event: EngineEvent): void {
    const { logger } = this.#options;
    switch (event.kind) {
      case "refused":
        logger.info("refused a message", { code: event.error.code });
        break;
      case "refused_by":
        logger.debug("a peer refused a message", { code: event.code });
        break;
      case "peer_dropped":
        logger.info("dropped a peer", { code: event.code });
        for (const link of [...(this.#linksOf.get(event.peer) ?? [])]) link.close();
        break;
      case "storage_failed":
        logger.error("the storage failed", { code: event.error.code });
        break;
      case "want_changed":
      case "progressed":
      case "attachment_added":
      case "attachment_gone":
        break;
      default:
        event satisfies never;
    }
    this.#options.onEvent(event);
  }

  #setTimer(): void {
    const atMs = this.#engine.pollTimeout();
    if (atMs === this.#timer?.atMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (atMs === undefined) return;
    this.#timer = { atMs, cancel: this.#wakeAt(atMs) };
  }

  #wakeAt(atMs: EpochMs): () => void {
    return this.clock.schedule(Math.max(0, atMs - this.clock.nowMs()), () => {
      const isLate = this.clock.nowMs() - atMs > lateTimerMs && this.#lateAtMs !== atMs;
      this.#timer = undefined;
      if (isLate) {
        // Answers may wait in the sockets: they go first.
        this.#lateAtMs = atMs;
        this.#timer = { atMs, cancel: this.clock.schedule(1, () => this.#wake()) };
        return;
      }
      this.#wake();
    });
  }

  #wake(): void {
    this.#timer = undefined;
    this.#engine.handleTimeout(this.clock.nowMs());
    this.pump();
  }
}

export const asFileSyncError = (thrown: unknown): FileSyncError =>
  thrown instanceof FileSyncError ? thrown : new FileSyncError("storage_failed", { cause: thrown });
