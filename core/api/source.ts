/** Whatever an app attaches, as pieces of bytes of bounded size; an abort or a failure of the source is told as such. */
import { releaseBytes } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { FileSyncError } from "../errors.ts";
import { attachTurnBytes, sourcePieceBytes } from "../limits.ts";
import type { AttachmentSource } from "./types.ts";

/** The length of the source, where it says so. */
export function lengthOf(source: AttachmentSource): number | undefined {
  if (source instanceof Uint8Array) return source.length;
  if (isBlob(source)) return source.size;
  return "fileBytes" in source ? source.fileBytes : undefined;
}

export async function* piecesOf(
  source: AttachmentSource,
  clock: Clock,
  signals: readonly AbortSignal[],
): AsyncGenerator<Uint8Array> {
  let sinceTurn = 0;
  for await (const chunk of chunksOf(source, signals)) {
    if (!(chunk instanceof Uint8Array))
      throw new FileSyncError("source_failed", { detail: "a chunk is no Uint8Array" });
    for (let at = 0; at < chunk.length; at += sourcePieceBytes) {
      throwIfAborted(signals);
      const piece = chunk.subarray(at, at + sourcePieceBytes);
      yield piece;
      sinceTurn += piece.length;
      // Sealing is synchronous: the event loop gets a turn now and then, so that an app stays responsive.
      if (sinceTurn < attachTurnBytes) continue;
      sinceTurn = 0;
      await new Promise<void>((resolve) => clock.schedule(0, resolve));
    }
  }
  throwIfAborted(signals);
}

export const throwIfAborted = (signals: readonly AbortSignal[]): void =>
  signals.forEach((signal) => signal.throwIfAborted());

async function* chunksOf(source: AttachmentSource, signals: readonly AbortSignal[]): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    yield source;
    return;
  }
  let iterator: AsyncIterator<Uint8Array> | undefined;
  try {
    for (;;) {
      const next = await orAborted(nextOf(), signals).catch((thrown: unknown) => {
        throwIfAborted(signals);
        throw new FileSyncError("source_failed", { cause: thrown });
      });
      if (next.done === true) return;
      yield next.value;
      // Of the platform's own Blob nobody else has it; of a subclass with a stream of its own, who knows.
      if (isBlob(source) && source.stream === Blob.prototype.stream) releaseBytes(next.value);
    }
  } finally {
    // Not awaited: a source that hangs would hold up the one who gave up on it.
    void letGo().catch(() => undefined);
  }

  // Async, so that a source that throws where it should reject is told like any other.
  async function nextOf(): Promise<IteratorResult<Uint8Array>> {
    iterator ??= iteratorOf(source as Exclude<AttachmentSource, Uint8Array>);
    return iterator.next();
  }

  async function letGo(): Promise<void> {
    await iterator?.return?.();
  }
}

function iteratorOf(source: Exclude<AttachmentSource, Uint8Array>): AsyncIterator<Uint8Array> {
  if (isBlob(source)) return streamIterator(source.stream());
  return "getReader" in source ? streamIterator(source) : source[Symbol.asyncIterator]();
}

/** Streams are not async iterable in every browser. And a generator could not be ended while it waits for a chunk. */
function streamIterator(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<Uint8Array>>,
    async return() {
      // Of a stream that has ended or failed already this does nothing.
      await reader.cancel();
      reader.releaseLock();
      return { done: true, value: undefined };
    },
  };
}

/**
 * What the promise gives, or the reason of the first signal that is aborted before. Listens anew for each: a race against
 * one long-lived promise would hold every chunk there ever was until that one settles (G-10).
 */
export function orAborted<T>(promise: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    throwIfAborted(signals);
    const stops = signals.map((signal) => {
      const listener = (): void => {
        // The reason is whatever the app aborted with.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(signal.reason);
      };
      signal.addEventListener("abort", listener, { once: true });
      return () => signal.removeEventListener("abort", listener);
    });
    promise.then(resolve, reject).finally(() => stops.forEach((stop) => stop()));
  });
}

const isBlob = (source: object): source is Blob => typeof Blob !== "undefined" && source instanceof Blob;
