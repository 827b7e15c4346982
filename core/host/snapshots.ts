/**
 * What user interfaces subscribe to: an immutable map of progress by file. It keeps its identity while nothing changes,
 * and so does each entry, so React's useSyncExternalStore works with either. One `produce` a batch; plain numbers and
 * short strings only, never bytes.
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
  #known: Downloads = new Map();
  /** Asked about since the last map was made: a map for each would cost as much as it holds, and an app asks for thousands. */
  readonly #asked = new Map<FileId, Progress>();

  constructor(read: (fileId: FileId) => Progress | undefined, onListenerThrew: (thrown: unknown) => void) {
    this.#read = read;
    this.#onListenerThrew = onListenerThrew;
    if (isMapSetEnabled) return;
    enableMapSet();
    isMapSetEnabled = true;
  }

  get size(): number {
    return this.#known.size;
  }

  get all(): Downloads {
    if (this.#asked.size > 0) this.#update([]);
    return this.#known;
  }

  /** As it was at the last refresh; read now when it was never asked for. */
  get(fileId: FileId): Progress | undefined {
    const known = this.#known.get(fileId) ?? this.#asked.get(fileId);
    if (known !== undefined) return known;
    const progress = this.#read(fileId);
    if (progress !== undefined) this.#asked.set(fileId, Object.freeze(progress));
    return progress;
  }

  /** Reads these anew and tells the listeners, when anything is different. */
  refresh(fileIds: Iterable<FileId>): void {
    if (this.#update(fileIds)) this.#tell();
  }

  subscribe(listener: () => void): () => void {
    // A listener given twice is called twice and taken back once each.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Whoever waits for a change is told that there will be none. */
  close(): void {
    this.#tell();
    this.#listeners.clear();
  }

  /** One that throws holds up neither the others nor the transfer that the news is of. */
  #tell(): void {
    for (const listener of [...this.#listeners]) {
      // Another listener may have taken it back meanwhile.
      if (!this.#listeners.has(listener)) continue;
      try {
        listener();
      } catch (thrown) {
        this.#onListenerThrew(thrown);
      }
    }
  }

  #update(fileIds: Iterable<FileId>): boolean {
    const before = this.#known;
    this.#known = produce(before, (draft) => {
      const known = draft as Map<FileId, Progress>;
      for (const [fileId, progress] of this.#asked) known.set(fileId, progress);
      for (const fileId of fileIds) {
        const progress = this.#read(fileId);
        if (progress === undefined) known.delete(fileId);
        else if (!isSame(before.get(fileId) ?? this.#asked.get(fileId), progress)) known.set(fileId, progress);
      }
    });
    this.#asked.clear();
    return this.#known !== before;
  }
}

function isSame(before: Progress | undefined, now: Progress): boolean {
  if (before === undefined) return false;
  return (Object.keys(now) as (keyof Progress)[]).every((key) => Object.is(before[key], now[key]));
}
