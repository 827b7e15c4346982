/** Bytes a second over the last few seconds, from samples as they come. Computed when asked, never stored. */
import type { EpochMs } from "../base/ids.ts";
import { speedWindowMs } from "../limits.ts";

interface Sample {
  readonly atMs: number;
  bytes: number;
}

/** Samples closer together than this are one: the list stays short at any rate. */
const sampleMs = 50;

export class Speed {
  readonly #samples: Sample[] = [];
  #startedAtMs: number | undefined;

  /** The clock runs from the first request: what comes at once did take its time on the way. */
  begin(now: EpochMs): void {
    this.#startedAtMs ??= now;
  }

  count(bytes: number, now: EpochMs): void {
    this.#startedAtMs ??= now;
    const last = this.#samples[this.#samples.length - 1];
    if (last !== undefined && now - last.atMs < sampleMs) last.bytes += bytes;
    else this.#samples.push({ atMs: now, bytes });
    this.#forget(now);
  }

  /** After a pause the time before it says nothing. */
  restart(): void {
    this.#samples.length = 0;
    this.#startedAtMs = undefined;
  }

  /** Undefined until there is a span to measure over. */
  bytesPerSecond(now: EpochMs): number | undefined {
    this.#forget(now);
    if (this.#startedAtMs === undefined) return undefined;
    const spanMs = Math.min(speedWindowMs, now - this.#startedAtMs);
    if (spanMs < sampleMs) return undefined;
    const bytes = this.#samples.reduce((total, sample) => total + sample.bytes, 0);
    return (bytes * 1000) / spanMs;
  }

  #forget(now: number): void {
    let old = 0;
    while (old < this.#samples.length && (this.#samples[old] as Sample).atMs <= now - speedWindowMs) old++;
    if (old > 0) this.#samples.splice(0, old);
  }
}
