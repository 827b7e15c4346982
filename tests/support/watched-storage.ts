/**
 * A storage that lets every call through and notes which events went into the log, and where: what a test of durability
 * needs to know beforehand (G-9), without asking the code that it tests.
 */
import { bytesToHex } from "../../core/base/bytes.ts";
import type { EventId } from "../../core/base/ids.ts";
import type { Storage, StorageFile } from "../../core/base/storage.ts";

export interface LoggedEvent {
  readonly id: EventId;
  /** Where its record begins. */
  readonly position: number;
  /** Its bytes were overwritten, as those of a deleted attachment are. */
  isShredded: boolean;
}

export interface Watcher {
  appended(event: LoggedEvent): void;
  overwritten(position: number): void;
}

/** Length u32, kind, zeros, time, then the id: docs/WIRE_FORMAT.md, events.log. */
const recordHeaderBytes = 36;
const idPosition = 16;

export function watchedStorage(storage: Storage, watcher: Watcher): Storage {
  return {
    open(name, options) {
      const file = storage.open(name, options);
      return file === undefined || name !== "events.log" ? file : watchedLog(file, watcher);
    },
    list: (prefix) => storage.list(prefix),
    remove: (name) => storage.remove(name),
    rename: (from, to) => storage.rename(from, to),
    flushNames: () => storage.flushNames(),
    close: () => storage.close(),
  };
}

function watchedLog(file: StorageFile, watcher: Watcher): StorageFile {
  return {
    size: () => file.size(),
    readAt: (target, position) => file.readAt(target, position),
    writeAt(source, position) {
      // Before it is written: a write that fails may have written a part.
      if (source.length === recordHeaderBytes) watcher.overwritten(position);
      file.writeAt(source, position);
      if (position === 0 || source.length <= recordHeaderBytes) return;
      const length = new DataView(source.buffer, source.byteOffset).getUint32(0);
      if (length !== source.length - recordHeaderBytes) return;
      const id = bytesToHex(source.subarray(idPosition, idPosition + 16)) as EventId;
      watcher.appended({ id, position, isShredded: false });
    },
    truncate: (size) => file.truncate(size),
    flush: () => file.flush(),
    close: () => file.close(),
  };
}
