/** Many small files: the same sizes in the same order every time, as spread as a messenger's are; random bytes. */
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "./children/messages.ts";
import { smallBytesMax, smallBytesMin } from "./limits.ts";

export interface SmallFile extends SourceFile {
  readonly digest: string;
}

/**
 * `count` sizes that sum to `bytesInAll`: equal steps of the logarithm, bent by an exponent until the sum is right. In an
 * order that mixes them: every size comes early and late.
 */
export function smallSizes(count: number, bytesInAll: number): number[] {
  const sizesFor = (bend: number): number[] =>
    Array.from({ length: count }, (_, i) => {
      const part = count === 1 ? 1 : i / (count - 1);
      return Math.round(smallBytesMin * (smallBytesMax / smallBytesMin) ** (part ** bend));
    });
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  let [low, high] = [1 / 16, 16];
  // More bend, smaller files. Forty halvings are below the precision of the sum.
  for (let i = 0; i < 40; i++) {
    const middle = Math.sqrt(low * high);
    if (sum(sizesFor(middle)) > bytesInAll) low = middle;
    else high = middle;
  }
  const sizes = sizesFor(high);
  const middle = Math.floor(count / 2);
  sizes[middle] = (sizes[middle] ?? 0) + bytesInAll - sum(sizes);
  return stridden(sizes);
}

/** Every element once, far from its neighbours: by steps near the golden section, made prime to the count. */
function stridden(sizes: readonly number[]): number[] {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  let step = Math.max(1, Math.round(sizes.length * 0.618));
  while (gcd(step, sizes.length) !== 1) step++;
  return sizes.map((_, i) => sizes[(i * step) % sizes.length] ?? 0);
}

export function makeSmallFiles(folder: string, sizes: readonly number[]): SmallFile[] {
  mkdirSync(folder, { recursive: true });
  return sizes.map((fileBytes, i) => {
    const path = join(folder, `${i}`);
    const bytes = randomFillSync(new Uint8Array(fileBytes));
    const file = openSync(path, "w");
    writeSync(file, bytes);
    // The last flush waits for all of them, and their writing does not go on under the first run.
    if (i === sizes.length - 1) fdatasyncSync(file);
    closeSync(file);
    return { path, fileBytes, digest: createHash("sha256").update(bytes).digest("hex") };
  });
}
