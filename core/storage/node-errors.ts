/** What the file system of Node says, in our codes. */
import { BrokenAssertion } from "../base/assert.ts";
import { FileSyncError, type ErrorCode } from "../errors.ts";

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "storage_full",
  EDQUOT: "storage_full",
  // The file may not grow any more: a limit of the process or of the file system.
  EFBIG: "storage_full",
  EROFS: "storage_read_only",
  EACCES: "storage_read_only",
  EPERM: "storage_read_only",
  // Absent files are no failure and are told apart before this; what is left is a folder that is not there any more.
  ENOENT: "storage_gone",
  ESTALE: "storage_gone",
  ENODEV: "storage_gone",
  ENXIO: "storage_gone",
};

export function systemCode(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The detail is the system's code: its message would hold the path. */
export function storageFailure(cause: unknown): Error {
  if (cause instanceof FileSyncError || cause instanceof BrokenAssertion) return cause;
  const code = systemCode(cause);
  return new FileSyncError(codes[code] ?? "storage_failed", { detail: code === "" ? "unnamed" : code, cause });
}

export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw storageFailure(cause);
  }
}
