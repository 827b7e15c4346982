/** Folders as a whole: flushed, and measured. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What stat(2) counts `blocks` in, whatever the file system's own blocks are. */
const statBlockBytes = 512;
const readAheadBytes = 1024 * 1024;

/** The folder itself, and every file and folder below it. */
async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const kept = entries.filter((entry) => entry.isFile() || entry.isDirectory());
  return [...kept.map((entry) => join(entry.parentPath, entry.name)), folder];
}

/** fsync(2) of everything: what it flushes of a contender that has done so itself is nothing. */
export async function flushTree(folder: string): Promise<void> {
  for (const path of await pathsIn(folder)) {
    const file = await orGone(open(path, "r"));
    try {
      await file?.sync();
    } finally {
      await file?.close();
    }
  }
}

/** Blocks, so that a sparse file counts as what it takes. */
export async function diskBytesOf(folder: string): Promise<number> {
  let total = 0;
  for (const path of await pathsIn(folder)) total += ((await orGone(lstat(path)))?.blocks ?? 0) * statBlockBytes;
  return total;
}

export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: readAheadBytes })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** A store that is open may remove a file between our looking and our opening. */
async function orGone<T>(wanted: Promise<T>): Promise<T | undefined> {
  try {
    return await wanted;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}
