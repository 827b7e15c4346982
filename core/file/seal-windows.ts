/** A run of whole windows sealed and hashed in one go, by whichever thread is free. */
import { sealedBytesOf } from "../base/sizes.ts";
import { hashLeaf, sealSlices, type SlicesToSeal } from "../crypto/index.ts";
import { hashBytes } from "../limits.ts";

export interface WindowsToSeal extends SlicesToSeal {
  /** The last window may have fewer. */
  readonly slicesPerWindow: number;
  /** Filled: 32 bytes a window. */
  readonly leaves: Uint8Array;
}

export function sealWindows(run: WindowsToSeal): void {
  sealSlices(run);
  const windowBytes = sealedBytesOf(run.slicesPerWindow);
  for (let at = 0, leaf = 0; at < run.sealed.length; at += windowBytes, leaf += hashBytes) {
    run.leaves.set(hashLeaf(run.sealed.subarray(at, at + windowBytes)), leaf);
  }
}
