/** The tree that is built level by level against its plain recursive twin, for every count up to 70 and odd large ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex, concatBytes } from "../../core/base/bytes.ts";
import { cryptoReady, hashLeaf } from "../../core/crypto/index.ts";
import { merkleRoot } from "../../core/file/merkle.ts";
import { merkleTwin } from "./merkle-twin.ts";

const test = suite("file: merkle");
test.before(cryptoReady);

const leavesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => hashLeaf(Uint8Array.of(i & 0xff, i >> 8)));

test("every count, odd ones too: the root is that of the recursive definition", () => {
  const counts = [...Array.from({ length: 71 }, (_, n) => n), 127, 2045, 4055, 4095, 4096];
  for (const count of counts) {
    const leaves = leavesOf(count);
    assert.is(bytesToHex(merkleRoot(concatBytes(...leaves))), bytesToHex(merkleTwin(leaves)), `${count} leaves`);
  }
});

test("any leaf that is altered, moved, left out or doubled gives another root", () => {
  const leaves = leavesOf(13);
  const root = bytesToHex(merkleRoot(concatBytes(...leaves)));
  const others = [
    ...leaves.map((_, i) => leaves.with(i, hashLeaf(Uint8Array.of(99, i)))),
    ...leaves.map((_, i) => leaves.toSpliced(i, 1)),
    ...leaves.map((leaf, i) => leaves.toSpliced(i, 0, leaf)),
    leaves.toReversed(),
  ];
  for (const other of others) assert.is.not(bytesToHex(merkleRoot(concatBytes(...other))), root);
});

test("two leaves do not pass for one: an inner node is hashed under another domain", () => {
  const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
  assert.is.not(bytesToHex(merkleRoot(concatBytes(a, b))), bytesToHex(hashLeaf(concatBytes(a, b))));
});

test.run();
