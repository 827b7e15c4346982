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
}

/** Length u32, kind, zeros, time, then the id: docs/WIRE_FORMAT.md, events.log. */
const recordHeaderBytes = 36;
const idPosition = 16;

export function watchedStorage(storage: Storage, noteAppended: (event: LoggedEvent) => void): Storage {
  return {
    open(name, options) {
      const file = storage.open(name, options);
      return file === undefined || name !== "events.log" ? file : watchedLog(file, noteAppended);
    },
    list: (prefix) => storage.list(prefix),
    remove: (name) => storage.remove(name),
    rename: (from, to) => storage.rename(from, to),
    flushNames: () => storage.flushNames(),
    close: () => storage.close(),
  };
}

function watchedLog(file: StorageFile, noteAppended: (event: LoggedEvent) => void): StorageFile {
  return {
    size: () => file.size(),
    readAt: (target, position) => file.readAt(target, position),
    writeAt(source, position) {
      file.writeAt(source, position);
      if (source.length <= recordHeaderBytes || position === 0) return;
      const length = new DataView(source.buffer, source.byteOffset).getUint32(0);
      if (length !== source.length - recordHeaderBytes) return; // a shred
      noteAppended({ id: bytesToHex(source.subarray(idPosition, idPosition + 16)) as EventId, position });
    },
    truncate: (size) => file.truncate(size),
    flush: () => file.flush(),
    close: () => file.close(),
  };
}
