/**
 * A file on disk as something to attach, in Node: read piece by piece into two buffers in turn, so that nothing is left to
 * collect, and the next piece is read while this one is sealed.
 */
import { statSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
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
  let [piece, spare] = [new Uint8Array(sourcePieceBytes), new Uint8Array(sourcePieceBytes)];
  let reading = readInto(file, piece);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      const read = piece.subarray(0, bytesRead);
      [piece, spare] = [spare, piece];
      reading = readInto(file, piece);
      yield read;
    }
  } finally {
    await reading.catch(() => undefined);
    await file.close();
  }
}

/** From where the last one ended. A failure is told to who waits, and no defect when nobody does. */
function readInto(file: FileHandle, piece: Uint8Array): ReturnType<typeof file.read> {
  const reading = file.read(piece, 0, piece.length, null);
  reading.catch(() => undefined);
  return reading;
}
