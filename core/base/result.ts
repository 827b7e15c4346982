/** Expected failures are values; defects throw. */
import { FileSyncError, type FailureDetails, type ErrorCode } from "../errors.ts";

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: FileSyncError };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const done: Result<void> = { ok: true, value: undefined };
export const fail = <T = never>(code: ErrorCode, details?: FailureDetails): Result<T> => ({
  ok: false,
  error: new FileSyncError(code, details),
});

/** The value, or the error thrown: for the public face, where failures are rejections. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}
