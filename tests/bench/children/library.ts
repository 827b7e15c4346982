/** The compiled library, from where the bench says; its types come from the source. */
import type { Setup } from "./messages.ts";

type Face = typeof import("../../../core/index.ts");
type Node = typeof import("../../../core/node.ts");
type Crypto = typeof import("../../../core/crypto/index.ts");
type Sizes = typeof import("../../../core/base/sizes.ts");

export const loadFace = (setup: Setup): Promise<Face> => load<Face>(setup, "core/index.js");
export const loadNode = (setup: Setup): Promise<Node> => load<Node>(setup, "core/node.js");
/** Below the face: for the bare figures, which use the same functions without what is around them. */
export const loadCrypto = (setup: Setup): Promise<Crypto> => load<Crypto>(setup, "core/crypto/index.js");
export const loadSizes = (setup: Setup): Promise<Sizes> => load<Sizes>(setup, "core/base/sizes.js");

async function load<T>({ libraryUrl }: Setup, path: string): Promise<T> {
  return (await import(new URL(path, libraryUrl).href)) as T;
}
