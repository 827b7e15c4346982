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
  activeFiles(): readonly FileId[];
}

export class Refresher {
  readonly #options: RefresherOptions;
  readonly #dirty = new Set<FileId>();
  #cancel: (() => void) | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  onEvent(event: EngineEvent): void {
    if (event.kind === "want_changed" || this.#isCheapNews(event)) {
      this.#dirty.delete(event.fileId);
      this.#options.snapshots.refresh([event.fileId]);
      this.#keepWatch();
    } else if (event.kind === "progressed" || isNews(event)) {
      this.#dirty.add(event.fileId);
      this.#refreshAt(this.#refreshedAtMs + progressIntervalMs);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** Every new map costs as much as it holds, and a log that comes in brings thousands of attachments. */
  #isCheapNews(event: EngineEvent): event is News {
    return isNews(event) && this.#options.snapshots.size <= snapshotsCheapMax;
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
    const files = new Set([...this.#dirty, ...this.#movingFiles()]);
    this.#dirty.clear();
    this.#options.snapshots.refresh(files);
    this.#keepWatch();
  }

  #keepWatch(): void {
    if (this.#movingFiles().length > 0) this.#refreshAt(this.#refreshedAtMs + progressIdleIntervalMs);
  }

  #movingFiles(): FileId[] {
    return this.#options.activeFiles().filter((fileId) => {
      const { bytesPerSecond = 0, peers = 0 } = this.#options.snapshots.get(fileId) ?? {};
      return bytesPerSecond > 0 || peers > 0;
    });
  }
}
