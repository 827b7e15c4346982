/**
 * What user interfaces subscribe to: an immutable map of progress by file. It keeps its identity while nothing changes,
 * and so does each entry, so React's useSyncExternalStore works with either. Plain numbers and short strings only, never
 * bytes.
 *
 * A map costs as much as it holds, so it is made when somebody asks for it; until then what changed lies beside it. A
 * change costs the same whether there are ten files or 100,000.
 */
import { enableMapSet, produce } from "immer";
import type { FileId } from "../base/ids.ts";
import type { Progress } from "../sync/progress.ts";

export type Downloads = ReadonlyMap<FileId, Progress>;

let isMapSetEnabled = false;

export class Snapshots {
  readonly #read: (fileId: FileId) => Progress | undefined;
  readonly #onListenerThrew: (thrown: unknown) => void;
  readonly #listeners = new Set<() => void>();
  /** Who waits for one file is not woken up for the others: a thousand that wait would be a thousand wakings a change. */
  readonly #listenersOf = new Map<FileId, Set<() => void>>();
  #known: Downloads = new Map();
  /** Read since the last map was made; undefined: gone. */
  readonly #changed = new Map<FileId, Progress | undefined>();
  /** There now, and not read before anybody asks: a log that comes in brings thousands. */
  readonly #unread = new Set<FileId>();
  #size = 0;

  constructor(read: (fileId: FileId) => Progress | undefined, onListenerThrew: (thrown: unknown) => void) {
    this.#read = read;
    this.#onListenerThrew = onListenerThrew;
    if (isMapSetEnabled) return;
    enableMapSet();
    isMapSetEnabled = true;
  }

  /** Files in the map, were it made now. */
  get size(): number {
    return this.#size;
  }

  get all(): Downloads {
    for (const fileId of this.#unread) this.#change(fileId, this.#read(fileId));
    if (this.#changed.size > 0) this.#known = withChanges(this.#known, this.#changed);
    this.#changed.clear();
    this.#size = this.#known.size;
    return this.#known;
  }

  /** As it was at the last refresh; read now when it was never asked for. */
  get(fileId: FileId): Progress | undefined {
    const known = this.#peek(fileId);
    if (known !== undefined) return known;
    const progress = this.#read(fileId);
    if (progress !== undefined) this.#change(fileId, progress);
    return progress;
  }

  /** Reads these anew and tells the listeners, when anything is different. */
  refresh(fileIds: Iterable<FileId>): void {
    const different: FileId[] = [];
    for (const fileId of fileIds) {
      const before = this.#peek(fileId);
      const progress = this.#read(fileId);
      if (progress === undefined ? !this.#has(fileId) : isSame(before, progress)) continue;
      this.#change(fileId, progress);
      different.push(fileId);
    }
    if (different.length > 0) this.#tell(different);
  }

  /** There are new files. What was known of one is read anew; the others, when somebody asks. */
  announce(fileIds: Iterable<FileId>): void {
    const known: FileId[] = [];
    const added: FileId[] = [];
    for (const fileId of fileIds) {
      if (this.#peek(fileId) !== undefined) known.push(fileId);
      else if (!this.#unread.has(fileId)) {
        if (!this.#has(fileId)) this.#size++;
        this.#unread.add(fileId);
        added.push(fileId);
      }
    }
    if (added.length === 0) return this.refresh(known);
    for (const fileId of known) this.#change(fileId, this.#read(fileId));
    this.#tell([...added, ...known]);
  }

  /** Told after every change. */
  subscribe(listener: () => void): () => void {
    return addTo(this.#listeners, listener);
  }

  /** Told after every change of this file. */
  subscribeTo(fileId: FileId, listener: () => void): () => void {
    const listeners = this.#listenersOf.get(fileId) ?? new Set();
    this.#listenersOf.set(fileId, listeners);
    const remove = addTo(listeners, listener);
    return () => {
      remove();
      if (listeners.size === 0 && this.#listenersOf.get(fileId) === listeners) this.#listenersOf.delete(fileId);
    };
  }

  /** Whoever waits for a change is told that there will be none. */
  close(): void {
    this.#tell([...this.#listenersOf.keys()]);
    this.#listeners.clear();
    this.#listenersOf.clear();
  }

  #tell(fileIds: readonly FileId[]): void {
    this.#call(this.#listeners);
    for (const fileId of fileIds) {
      const listeners = this.#listenersOf.get(fileId);
      if (listeners !== undefined) this.#call(listeners);
    }
  }

  /** One that throws holds up neither the others nor the transfer that the news is of. */
  #call(listeners: ReadonlySet<() => void>): void {
    for (const listener of [...listeners]) {
      // Another listener may have taken it back meanwhile.
      if (!listeners.has(listener)) continue;
      try {
        listener();
      } catch (thrown) {
        this.#onListenerThrew(thrown);
      }
    }
  }

  #peek(fileId: FileId): Progress | undefined {
    return this.#changed.has(fileId) ? this.#changed.get(fileId) : this.#known.get(fileId);
  }

  #has(fileId: FileId): boolean {
    return this.#unread.has(fileId) || this.#peek(fileId) !== undefined;
  }

  #change(fileId: FileId, progress: Progress | undefined): void {
    this.#size += Number(progress !== undefined) - Number(this.#has(fileId));
    this.#unread.delete(fileId);
    const before = this.#peek(fileId);
    const isUnchanged = before !== undefined && progress !== undefined && isSame(before, progress);
    if (!isUnchanged) this.#changed.set(fileId, progress === undefined ? undefined : Object.freeze(progress));
  }
}

/** A listener given twice is called twice and taken back once each. */
function addTo(listeners: Set<() => void>, listener: () => void): () => void {
  const entry = (): void => listener();
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
  };
}

function withChanges(known: Downloads, changed: ReadonlyMap<FileId, Progress | undefined>): Downloads {
  return produce(known, (draft) => {
    const entries = draft as Map<FileId, Progress>;
    for (const [fileId, progress] of changed) {
      if (progress === undefined) entries.delete(fileId);
      else entries.set(fileId, progress);
    }
  });
}

function isSame(before: Progress | undefined, now: Progress): boolean {
  if (before === undefined) return false;
  return (Object.keys(now) as (keyof Progress)[]).every((key) => Object.is(before[key], now[key]));
}
