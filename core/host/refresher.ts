/**
 * When snapshots are read anew: at once when a status changed, at most ten times a second when only slices came, and
 * twice a second while anything moves, since a speed falls without anything happening. A want that nobody is asked for
 * wakes nobody up.
 */
import type { Clock } from "../base/clock.ts";
import type { FileId } from "../base/ids.ts";
import { progressIdleIntervalMs, progressIntervalMs, snapshotsCheapMax } from "../limits.ts";
import type { EngineEvent } from "../sync/context.ts";
import type { Snapshots } from "./snapshots.ts";

type News = Extract<EngineEvent, { kind: "attachment_added" | "attachment_gone" }>;

const isNews = (event: EngineEvent): event is News =>
  event.kind === "attachment_added" || event.kind === "attachment_gone";

export interface RefresherOptions {
  readonly clock: Clock;
  readonly snapshots: Snapshots;
}

export class Refresher {
  readonly #options: RefresherOptions;
  readonly #dirty = new Set<FileId>();
  /** Descriptors that came and were not told yet. */
  readonly #added = new Set<FileId>();
  /** Files whose speed falls by itself when nothing comes. */
  readonly #moving = new Set<FileId>();
  #cancel: (() => void) | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** Who is told may ask for a map, which costs as much as it holds, and a log that comes in brings thousands of attachments. */
  onEvent(event: EngineEvent): void {
    if (event.kind === "want_changed" || (isNews(event) && this.#options.snapshots.size <= snapshotsCheapMax)) {
      this.#dirty.delete(event.fileId);
      if (event.kind === "attachment_added") this.#options.snapshots.announce([event.fileId]);
      else this.#read([event.fileId]);
      this.#keepWatch();
    } else if (event.kind === "progressed" || isNews(event)) {
      (event.kind === "attachment_added" ? this.#added : this.#dirty).add(event.fileId);
      this.#refreshAt(this.#refreshedAtMs + progressIntervalMs);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #refreshAt(atMs: number): void {
    const now = this.#options.clock.nowMs();
    const dueMs = Math.max(now, atMs);
    if (this.#isClosed || dueMs >= this.#dueMs) return;
    this.#cancel?.();
    this.#dueMs = dueMs;
    this.#cancel = this.#options.clock.schedule(dueMs - now, () => this.#refresh());
  }

  #refresh(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#refreshedAtMs = this.#options.clock.nowMs();
    const { snapshots } = this.#options;
    const files = new Set([...this.#dirty, ...this.#moving]);
    const added = [...this.#added];
    this.#dirty.clear();
    this.#added.clear();
    snapshots.announce(added);
    this.#read(files);
    this.#keepWatch();
  }

  #read(fileIds: Iterable<FileId>): void {
    const { snapshots } = this.#options;
    snapshots.refresh(fileIds);
    for (const fileId of fileIds) {
      const { bytesPerSecond = 0, peers = 0 } = snapshots.get(fileId) ?? {};
      if (bytesPerSecond > 0 || peers > 0) this.#moving.add(fileId);
      else this.#moving.delete(fileId);
    }
  }

  #keepWatch(): void {
    if (this.#moving.size > 0) this.#refreshAt(this.#refreshedAtMs + progressIdleIntervalMs);
  }
}
