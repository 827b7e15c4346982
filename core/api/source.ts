/** Whatever an app attaches, as pieces of bytes of bounded size; an abort or a failure of the source is told as such. */
import type { Clock } from "../base/clock.ts";
import { FileSyncError } from "../errors.ts";
import { attachTurnBytes, sourcePieceBytes } from "../limits.ts";
import type { AttachmentSource } from "./types.ts";

/** The length of the source, where it says so. */
export function lengthOf(source: AttachmentSource): number | undefined {
  if (source instanceof Uint8Array) return source.length;
  return isBlob(source) ? source.size : undefined;
}

export async function* piecesOf(
  source: AttachmentSource,
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let sinceTurn = 0;
  for await (const chunk of chunksOf(source, signal)) {
    if (!(chunk instanceof Uint8Array))
      throw new FileSyncError("source_failed", { detail: "a chunk is no Uint8Array" });
    for (let at = 0; at < chunk.length; at += sourcePieceBytes) {
      signal?.throwIfAborted();
      const piece = chunk.subarray(at, at + sourcePieceBytes);
      yield piece;
      sinceTurn += piece.length;
      // Sealing is synchronous: the event loop gets a turn now and then, so that an app stays responsive.
      if (sinceTurn < attachTurnBytes) continue;
      sinceTurn = 0;
      await new Promise<void>((resolve) => clock.schedule(0, resolve));
    }
  }
  signal?.throwIfAborted();
}

async function* chunksOf(source: AttachmentSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    yield source;
    return;
  }
  const iterator = (
    isBlob(source) ? iterateStream(source.stream()) : "getReader" in source ? iterateStream(source) : source
  )[Symbol.asyncIterator]();
  const aborted = abortOf(signal);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]).catch((thrown: unknown) => {
        throw signal?.aborted ? thrown : new FileSyncError("source_failed", { cause: thrown });
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    aborted.stop();
    // Not awaited: a source that hangs would hold up the one who gave up on it.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** Streams are not async iterable in every browser. */
async function* iterateStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

/** A promise that rejects with the signal's reason, and a way to stop listening. */
function abortOf(signal: AbortSignal | undefined): { readonly promise: Promise<never>; stop(): void } {
  let listener: (() => void) | undefined;
  const promise = new Promise<never>((_, reject) => {
    // The reason is whatever the app aborted with.
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    listener = () => reject(signal?.reason);
    signal?.addEventListener("abort", listener, { once: true });
  });
  promise.catch(() => undefined);
  return {
    promise,
    stop: () => {
      if (listener !== undefined) signal?.removeEventListener("abort", listener);
    },
  };
}

const isBlob = (source: object): source is Blob => typeof Blob !== "undefined" && source instanceof Blob;
