/**
 * The floors: what attaching and receiving cannot do without, on the same functions and in batches as large as
 * theirs, with nothing around it. No log, no requests, no progress, one process.
 */
import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from "node:fs";
import {
  cryptoBatchSlices,
  fileKeyBytes,
  noncePrefixBytes,
  sealedSliceBytes,
  sliceBytes,
} from "../../../core/limits.ts";
import { loadCrypto, loadSizes } from "./library.ts";
import { startStopwatch } from "./measure.ts";
import type { Setup, SourceFile, Span } from "./messages.ts";

export interface BarePaths extends SourceFile {
  readonly sealedPath: string;
  readonly receivedPath: string;
}

export type BareCalls = Awaited<ReturnType<typeof bareCalls>>;

export async function bareCalls(setup: Setup) {
  const { cryptoReady, hashLeaf, sealSlices } = await loadCrypto(setup);
  const { fileShape, sliceCountOf } = await loadSizes(setup);
  await cryptoReady();

  /** Calls `each` with runs of whole windows. */
  function forEachBatch(
    fileBytes: number,
    each: (firstSlice: number, count: number, windowSlices: number) => void,
  ): void {
    const { sliceCount, slicesPerWindow } = fileShape(sliceCountOf(fileBytes));
    const batch = slicesPerWindow * Math.max(1, Math.floor(cryptoBatchSlices / slicesPerWindow));
    for (let first = 0; first < sliceCount; first += batch)
      each(first, Math.min(batch, sliceCount - first), slicesPerWindow);
  }

  function hashWindows(sealed: Uint8Array, windowSlices: number): void {
    const step = windowSlices * sealedSliceBytes;
    for (let at = 0; at < sealed.length; at += step) hashLeaf(sealed.subarray(at, at + step));
  }

  return {
    /** Read, seal, hash, write, flush. */
    async attach({ path, sealedPath, fileBytes }: BarePaths): Promise<Span> {
      const fileKey = crypto.getRandomValues(new Uint8Array(fileKeyBytes));
      const noncePrefix = crypto.getRandomValues(new Uint8Array(noncePrefixBytes));
      const watch = await startStopwatch(setup, "bare-attach");
      const source = openSync(path, "r");
      const target = openSync(sealedPath, "w");
      forEachBatch(fileBytes, (firstSlice, count, windowSlices) => {
        const plain = new Uint8Array(count * sliceBytes);
        readSync(source, plain, 0, plain.length, firstSlice * sliceBytes);
        const sealed = new Uint8Array(count * sealedSliceBytes);
        sealSlices({ plain, fileKey, noncePrefix, firstSlice, sealed });
        hashWindows(sealed, windowSlices);
        writeSync(target, sealed, 0, sealed.length, firstSlice * sealedSliceBytes);
      });
      fdatasyncSync(target);
      const span = await watch.stop();
      closeSync(source);
      closeSync(target);
      return span;
    },
    /** Read what is sealed, hash, write, flush. */
    async receive({ sealedPath, receivedPath, fileBytes }: BarePaths): Promise<Span> {
      const watch = await startStopwatch(setup, "bare-receive");
      const source = openSync(sealedPath, "r");
      const target = openSync(receivedPath, "w");
      forEachBatch(fileBytes, (firstSlice, count, windowSlices) => {
        const sealed = new Uint8Array(count * sealedSliceBytes);
        readSync(source, sealed, 0, sealed.length, firstSlice * sealedSliceBytes);
        hashWindows(sealed, windowSlices);
        writeSync(target, sealed, 0, sealed.length, firstSlice * sealedSliceBytes);
      });
      fdatasyncSync(target);
      const span = await watch.stop();
      closeSync(source);
      closeSync(target);
      return span;
    },
  };
}
