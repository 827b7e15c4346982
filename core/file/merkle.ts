/**
 * The Merkle tree over a file's windows. Leaves are hashed under one domain and inner nodes under another, so neither
 * can be passed off as the other; a node without a sibling moves up as it is (as RFC 9162 splits: the left subtree of
 * n leaves is the largest power of two below n, which is the same tree).
 */
import { assert } from "../base/assert.ts";
import { foldNodes, hashLeaf } from "../crypto/index.ts";
import { hashBytes } from "../limits.ts";

/** `leaves` is the leaves one after another. The root of one leaf is that leaf; of none, the leaf of no bytes. */
export function merkleRoot(leaves: Uint8Array): Uint8Array {
  assert(leaves.length % hashBytes === 0, "leaves are whole hashes");
  if (leaves.length === 0) return hashLeaf(leaves);
  return foldNodes(leaves);
}
