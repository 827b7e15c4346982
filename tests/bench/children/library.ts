/** The compiled library, from where the bench says; its types come from the source. */
import { createReadStream } from "node:fs";
import type * as cryptoFolder from "../../../core/crypto/index.ts";
import type * as face from "../../../core/index.ts";
import type * as nodeFace from "../../../core/node.ts";
import type * as sizes from "../../../core/base/sizes.ts";
import type { AttachmentSource } from "../../../core/index.ts";
import { readAheadBytes } from "../limits.ts";
import type { Setup } from "./messages.ts";

export const loadFace = (setup: Setup): Promise<typeof face> => load<typeof face>(setup, "core/index.js");
export const loadNode = (setup: Setup): Promise<typeof nodeFace> => load<typeof nodeFace>(setup, "core/node.js");
/** Below the face: for the bare figures, which use the same functions without what is around them. */
export const loadCrypto = (setup: Setup): Promise<typeof cryptoFolder> =>
  load<typeof cryptoFolder>(setup, "core/crypto/index.js");
export const loadSizes = (setup: Setup): Promise<typeof sizes> => load<typeof sizes>(setup, "core/base/sizes.js");

/** A file to attach. Builds of older commits, which ours is compared with, have no `fileSource`. */
export const fileToAttach = (node: Partial<typeof nodeFace>, path: string): AttachmentSource =>
  node.fileSource?.(path) ?? createReadStream(path, { highWaterMark: readAheadBytes });

async function load<T>({ libraryUrl }: Setup, path: string): Promise<T> {
  return (await import(new URL(path, libraryUrl).href)) as T;
}
