/**
 * `windows_proved`, local: windows whose leaves matched, recorded in batches after their slices were flushed. It spares
 * a restart from hashing them again; what it does not cover is hashed again.
 */
import { column, layout } from "../core/codec/layout.ts";
import { cursorOver, fileIdField, list, u16, u64, type Field } from "../core/codec/field.ts";
import { ok, type Result } from "../core/base/result.ts";
import type { Range } from "../core/base/slice-set.ts";
import type { EpochMs, FileId } from "../core/base/ids.ts";
import type { Identity } from "../core/base/identity.ts";
import { provedRangesMax } from "../core/limits.ts";
import type { RowChange } from "../schema/index.ts";
import { createEvent, type Event } from "./envelope.ts";

export const windowsProvedType = 0x41;

const windowRange: Field<Range> = {
  kind: "u16 start, u16 count",
  sizeOf: () => 4,
  write(target, value) {
    u16.write(target, value.start);
    u16.write(target, value.count);
  },
  read: (source) => ({ start: u16.read(source), count: u16.read(source) }),
};

const windowRanges = list(windowRange, provedRangesMax);

export const windowsProvedLayout = layout("windows_proved", "event_malformed", {
  sequence: column(u64, "counts the local events of this device"),
  fileId: column(fileIdField, "the file"),
  ranges: column(windowRanges, "runs of windows"),
});

export interface WindowsProved {
  readonly sequence: number;
  readonly fileId: FileId;
  readonly ranges: readonly Range[];
}

export function createWindowsProved(fields: WindowsProved, createdAtMs: EpochMs, identity: Identity): Event {
  const payload = windowsProvedLayout.encode(fields);
  return createEvent({ type: windowsProvedType, createdAtMs, ttlMs: 0, payload }, identity);
}

export function projectWindowsProved(event: Event): Result<RowChange[]> {
  const decoded = windowsProvedLayout.decode(event.payload);
  if (!decoded.ok) return decoded;
  const { fileId, sequence, ranges } = decoded.value;
  return ok([{ kind: "windows_proved", fileId, sequence, ranges: encodeWindowRanges(ranges) }]);
}

/** How the proved table keeps ranges: as the event carries them. */
export function encodeWindowRanges(ranges: readonly Range[]): Uint8Array {
  const target = cursorOver(new Uint8Array(windowRanges.sizeOf(ranges)));
  windowRanges.write(target, ranges);
  return target.bytes;
}

/** For bytes that we wrote ourselves. */
export const decodeWindowRanges = (bytes: Uint8Array): readonly Range[] => windowRanges.read(cursorOver(bytes));
