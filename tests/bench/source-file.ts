/** Files to transfer: random bytes, which neither a disk nor a socket can make smaller. Their digest is what proves a run. */
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "./children/messages.ts";

const mebibyte = 1024 * 1024;

export function makeSource(folder: string, sizeMiB: number): SourceFile & { readonly digest: string } {
  return makeSourceOf(join(folder, `source-${sizeMiB}`), sizeMiB * mebibyte);
}

export function makeSourceOf(path: string, fileBytes: number): SourceFile & { readonly digest: string } {
  const file = openSync(path, "wx");
  const hash = createHash("sha256");
  const buffer = new Uint8Array(mebibyte);
  for (let left = fileBytes; left > 0; left -= mebibyte) {
    const chunk = buffer.subarray(0, Math.min(left, mebibyte));
    randomFillSync(chunk);
    hash.update(chunk);
    writeSync(file, chunk);
  }
  // Or its writing would go on under the first run.
  fdatasyncSync(file);
  closeSync(file);
  return { path, fileBytes, digest: hash.digest("hex") };
}
