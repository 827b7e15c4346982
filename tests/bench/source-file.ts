/** Files to transfer: random bytes, which neither a disk nor a socket can make smaller. Their digest is what proves a run. */
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "./children/messages.ts";

const mebibyte = 1024 * 1024;

export function makeSource(folder: string, sizeMiB: number): SourceFile & { readonly digest: string } {
  const path = join(folder, `source-${sizeMiB}`);
  const file = openSync(path, "wx");
  const hash = createHash("sha256");
  const chunk = new Uint8Array(mebibyte);
  for (let i = 0; i < sizeMiB; i++) {
    randomFillSync(chunk);
    hash.update(chunk);
    writeSync(file, chunk);
  }
  // Or its writing would go on under the first run.
  fdatasyncSync(file);
  closeSync(file);
  return { path, fileBytes: sizeMiB * mebibyte, digest: hash.digest("hex") };
}
