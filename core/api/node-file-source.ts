/** A file on disk as something to attach, in Node: read piece by piece into one buffer, so nothing is left to collect. */
import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { FileSyncError } from "../errors.ts";
import { sourcePieceBytes } from "../limits.ts";
import type { FileSource } from "./types.ts";

/**
 * For `attach`: the file at that path, which is opened when it is read, once per attach. Each piece is good until the
 * next is asked for. Throws `source_failed` when there is no file.
 */
export function fileSource(path: string | URL): FileSource {
  return { fileBytes: bytesOf(path), [Symbol.asyncIterator]: () => piecesOfFile(path) };
}

function bytesOf(path: string | URL): number {
  let status;
  try {
    status = statSync(path);
  } catch (cause) {
    throw new FileSyncError("source_failed", { cause });
  }
  if (!status.isFile()) throw new FileSyncError("source_failed", { detail: "not a file" });
  return status.size;
}

async function* piecesOfFile(path: string | URL): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path);
  const piece = new Uint8Array(sourcePieceBytes);
  try {
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
