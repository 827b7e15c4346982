/** `file_verified`, local: every leaf was proved, the root hash asserted, the slices flushed. The want is complete. */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import { fileIdField, u64, u8 } from "../core/codec/field.ts";
import { ok, type Result } from "../core/base/result.ts";
import type { EpochMs } from "../core/base/ids.ts";
import type { Identity } from "../core/base/identity.ts";
import type { RowChange } from "../schema/index.ts";
import { createEvent, type Event } from "./envelope.ts";

export const fileVerifiedType = 0x42;

export const fileVerifiedLayout = layout("file_verified", "event_malformed", {
  sequence: column(u64, "counts the local events of this device"),
  fileId: column(fileIdField, "the file"),
  priority: column(u8, "of the want, kept"),
  requestedAtMs: column(u64, "of the want, kept"),
});

export type FileVerified = ValueOf<typeof fileVerifiedLayout>;

export function createFileVerified(fields: FileVerified, createdAtMs: EpochMs, identity: Identity): Event {
  const payload = fileVerifiedLayout.encode(fields);
  return createEvent({ type: fileVerifiedType, createdAtMs, ttlMs: 0, payload }, identity);
}

export function projectFileVerified(event: Event): Result<RowChange[]> {
  const decoded = fileVerifiedLayout.decode(event.payload);
  if (!decoded.ok) return decoded;
  const { fileId, sequence, priority, requestedAtMs } = decoded.value;
  return ok([
    { kind: "file_verified", fileId, sequence },
    {
      kind: "want_set",
      row: { fileId, sequence, status: "complete", priority, requestedAtMs, expiresAtMs: 0, failure: "" },
    },
  ]);
}
