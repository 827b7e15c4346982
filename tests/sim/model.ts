/**
 * The status column as a plain model, written from the specification and not from core/base/want-status.ts: what each
 * device's wants must be after what its user and its engine did. A status that the model does not allow is a defect.
 *
 * A crash that loses what was not flushed can take a want back to any status that it had since the last acknowledgement.
 */
import type { FileId } from "../../core/base/ids.ts";
import type { WantState } from "../../core/base/want-status.ts";
import type { ErrorCode } from "../../core/errors.ts";

export type UserAction = "request" | "pause" | "resume" | "cancel";

/** What the user's action makes of a want; a code when it is refused. */
export function expectedAfter(status: WantState, action: UserAction): WantState | { readonly code: ErrorCode } {
  if (action === "request") return status === "complete" ? "complete" : "active";
  if (status === "none") return { code: "want_unknown" };
  if (status === "complete") return { code: "want_complete" };
  if (action === "cancel") return "cancelled";
  const isLive = status === "active" || status === "paused";
  if (!isLive)
    return { code: status === "failed" ? "want_failed" : status === "cancelled" ? "want_cancelled" : "want_expired" };
  return action === "pause" ? "paused" : "active";
}

interface Past {
  readonly status: WantState;
  /** Bytes of the log once it was recorded. */
  readonly logBytes: number;
}

/** The wants of one device. */
export class ModelDevice {
  readonly #pasts = new Map<FileId, Past[]>();
  /** Cancelled with their slices thrown away: gone when that much of the log is durable. */
  readonly dropped = new Map<FileId, number>();

  status(fileId: FileId): WantState {
    return this.#pasts.get(fileId)?.at(-1)?.status ?? "none";
  }

  fileIds(): FileId[] {
    return [...this.#pasts.keys()];
  }

  set(fileId: FileId, status: WantState, logBytes: number): void {
    const pasts = this.#pasts.get(fileId) ?? [];
    pasts.push({ status, logBytes });
    this.#pasts.set(fileId, pasts);
    if (status !== "cancelled") this.dropped.delete(fileId);
  }

  /** After a loss of power: each of these may be what is left. */
  possibleAfterLoss(fileId: FileId, acknowledgedBytes: number): WantState[] {
    const pasts = this.#pasts.get(fileId) ?? [];
    const lastSafe = pasts.findLastIndex(({ logBytes }) => logBytes <= acknowledgedBytes);
    const possible = pasts.slice(Math.max(0, lastSafe)).map(({ status }) => status);
    return lastSafe < 0 ? ["none", ...possible] : possible;
  }

  /** What was found after a crash is what is true from now on. */
  restart(fileId: FileId, status: WantState): void {
    this.#pasts.set(fileId, [{ status, logBytes: 0 }]);
    if (status !== "cancelled") this.dropped.delete(fileId);
  }
}
