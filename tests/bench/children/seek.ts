/** Reading at places all over a complete file, as a player does whose slider is dragged. */
import { closeSync, openSync, readSync } from "node:fs";
import type { FileSync } from "../../../core/index.ts";
import { seekBytes, seekOffsets, seekSeed } from "../limits.ts";
import type { SourceFile } from "./messages.ts";

export interface SeekFile extends SourceFile {
  readonly fileId: string;
}

/** For each place the milliseconds from the call until its first bytes are there, verified. */
export async function seek(sync: FileSync, { fileId, path, fileBytes }: SeekFile): Promise<number[]> {
  const source = openSync(path, "r");
  const samples: number[] = [];
  for (const start of offsets(fileBytes)) {
    const end = Math.min(fileBytes, start + seekBytes);
    const startedAtMs = performance.now();
    const reader = sync.read(fileId, { start, end }).getReader();
    const first = await reader.read();
    samples.push(performance.now() - startedAtMs);
    await reader.cancel();
    assertBytes(source, start, first.value);
  }
  closeSync(source);
  return samples;
}

function assertBytes(source: number, start: number, got: Uint8Array | undefined): void {
  if (got === undefined || got.length === 0) throw new Error("a read gave nothing");
  const expected = Buffer.alloc(got.length);
  readSync(source, expected, 0, got.length, start);
  if (!expected.equals(got)) throw new Error(`the bytes at ${start} are not those that were sent`);
}

/** Spread evenly and in no order, the same ones every time: a linear congruential generator (Numerical Recipes). */
function offsets(fileBytes: number): number[] {
  let state = seekSeed;
  return Array.from({ length: seekOffsets }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * fileBytes);
  });
}
