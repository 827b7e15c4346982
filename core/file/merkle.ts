/**
 * The Merkle tree over a file's windows. Leaves are hashed under one domain and inner nodes under another, so neither
 * can be passed off as the other; a node without a sibling moves up as it is (as RFC 9162 splits: the left subtree of
 * n leaves is the largest power of two below n, which is the same tree).
 */
import { assert } from "../base/assert.ts";
import { hashLeaf, hashNode } from "../crypto/index.ts";
import { hashBytes } from "../limits.ts";

/** `leaves` is the leaves one after another. The root of one leaf is that leaf; of none, the leaf of no bytes. */
export function merkleRoot(leaves: Uint8Array): Uint8Array {
  assert(leaves.length % hashBytes === 0, "leaves are whole hashes");
  if (leaves.length === 0) return hashLeaf(leaves);
  let level: Uint8Array[] = [];
  for (let at = 0; at < leaves.length; at += hashBytes) level.push(leaves.subarray(at, at + hashBytes));
  while (level.length > 1) level = parents(level);
  return (level[0] as Uint8Array).slice();
}

function parents(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array;
    const right = level[i + 1];
    above.push(right === undefined ? left : hashNode(left, right));
  }
  return above;
}
