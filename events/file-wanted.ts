/**
 * `file_wanted`, local: what the user (or time, or a failure) did to a want, and the status that came of it. The status
 * is decided when the event is made, by the transition table; the projection keeps the event with the highest sequence.
 * So replaying the log in any order gives the same status.
 */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import { countedText, fileIdField, u64, u8 } from "../core/codec/field.ts";
import { fail, ok, type Result } from "../core/base/result.ts";
import { wantActions, wantStatuses, type WantAction, type WantStatus } from "../core/base/want-status.ts";
import type { EpochMs, FileId } from "../core/base/ids.ts";
import type { Identity } from "../core/base/identity.ts";
import { errorTable, type ErrorCode } from "../core/errors.ts";
import type { RowChange } from "../schema/index.ts";
import { createEvent, type Event } from "./envelope.ts";

export const fileWantedType = 0x40;

const failureBytesMax = 64;

export const fileWantedLayout = layout("file_wanted", "event_malformed", {
  sequence: column(u64, "counts the local events of this device; the highest one wins"),
  fileId: column(fileIdField, "the file"),
  action: column(u8, "index into request, pause, resume, cancel, verify, expire, fail, damage"),
  status: column(u8, "what came of it: index into active, paused, complete, failed, cancelled, expired"),
  priority: column(u8, "1 to 10, 10 first"),
  slicesDropped: column(u8, "1 when the slices were thrown away with it"),
  requestedAtMs: column(u64, "when it was first requested"),
  expiresAtMs: column(u64, "when it gives up; 0 = never"),
  failure: column(countedText(u8, failureBytesMax), "the error code of a failed want; empty otherwise"),
});

export interface FileWanted {
  readonly sequence: number;
  readonly fileId: FileId;
  readonly action: WantAction;
  readonly status: WantStatus;
  readonly priority: number;
  readonly slicesDropped: boolean;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  readonly failure: ErrorCode | "";
}

export function createFileWanted(fields: FileWanted, createdAtMs: EpochMs, identity: Identity): Event {
  const payload = fileWantedLayout.encode({
    ...fields,
    action: wantActions.indexOf(fields.action),
    status: wantStatuses.indexOf(fields.status),
    slicesDropped: fields.slicesDropped ? 1 : 0,
  });
  return createEvent({ type: fileWantedType, createdAtMs, ttlMs: 0, payload }, identity);
}

export function decodeFileWanted(payload: Uint8Array): Result<FileWanted> {
  const decoded = fileWantedLayout.decode(payload);
  if (!decoded.ok) return decoded;
  const value: ValueOf<typeof fileWantedLayout> = decoded.value;
  const action = wantActions[value.action];
  const status = wantStatuses[value.status];
  if (action === undefined) return fail("event_malformed", { detail: "file_wanted.action" });
  if (status === undefined) return fail("event_malformed", { detail: "file_wanted.status" });
  if (value.failure !== "" && !(value.failure in errorTable))
    return fail("event_malformed", { detail: "file_wanted.failure" });
  return ok({
    ...value,
    action,
    status,
    slicesDropped: value.slicesDropped === 1,
    failure: value.failure as ErrorCode | "",
  });
}

export function projectFileWanted(event: Event): Result<RowChange[]> {
  const decoded = decodeFileWanted(event.payload);
  if (!decoded.ok) return decoded;
  const { fileId, sequence, status, priority, requestedAtMs, expiresAtMs, failure, slicesDropped, action } =
    decoded.value;
  const changes: RowChange[] = [
    { kind: "want_set", row: { fileId, sequence, status, priority, requestedAtMs, expiresAtMs, failure } },
  ];
  if (slicesDropped || action === "damage") changes.push({ kind: "file_reset", fileId, sequence });
  return ok(changes);
}
