/** The Merkle root as RFC 9162, section 2.1.1 defines it: split at the largest power of two below n, recurse. */
import { hash, hashLeaf } from "../../core/crypto/index.ts";

export function merkleTwin(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return hashLeaf(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return hash("focused-file-sync node 1", 32, merkleTwin(leaves.slice(0, split)), merkleTwin(leaves.slice(split)));
}
