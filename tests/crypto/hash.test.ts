/** Hashes by purpose: one-shot against streaming, and no purpose's hash is another's. */
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { bytesToHex, concatBytes, emptyBytes, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import {
  authenticate,
  cryptoReady,
  deriveKey,
  hash,
  Hasher,
  foldNodes,
  hashLeaf,
  LeafHasher,
} from "../../core/crypto/index.ts";
import { hashPassBytes } from "../../core/limits.ts";

const test = suite("crypto: hash");
test.before(cryptoReady);

const random = seededRandom(32);
const domain = "focused-file-sync test 1";

for (const size of [0, 1, 128, 46_600, hashPassBytes - 1, hashPassBytes, hashPassBytes + 1, 3 * hashPassBytes + 5]) {
  test(`${size} bytes: as the wrapper's keyed BLAKE2b, in one call, in passes and streamed`, () => {
    const bytes = random.bytes(size);
    const twin = sodium.crypto_generichash(32, bytes, utf8Encode(domain));
    assert.equal(hash(domain, 32, bytes), twin);
    assert.equal(new Hasher(domain, 32).update(bytes).digest(), twin);
    assert.equal(new LeafHasher().update(bytes).digest(), hashLeaf(bytes));
  });
}

test("however the bytes are cut into parts, the hash is that of the whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }),
      fc.constantFrom(16, 32, 64),
      (parts, size) => {
        const whole = hash(domain, size, concatBytes(...parts));
        const hasher = new Hasher(domain, size);
        for (const part of parts) hasher.update(part);
        assert.equal(hasher.digest(), whole);
        assert.equal(hash(domain, size, ...parts), whole);
        assert.is(whole.length, size);
      },
    ),
    { numRuns: 200 },
  );
});

test("the same bytes for different purposes: leaf, node, id and key differ", () => {
  const left = random.bytes(32);
  const right = random.bytes(32);
  const joined = concatBytes(left, right);
  const all = [
    hashLeaf(joined),
    foldNodes(joined),
    foldNodes(concatBytes(right, left)),
    hash(domain, 32, joined),
    hash("focused-file-sync test 2", 32, joined),
    sodium.crypto_generichash(32, joined, null),
    deriveKey(left, domain),
    deriveKey(left, domain, right),
    deriveKey(right, domain),
    authenticate(left, "focused-file-sync test 2", right),
  ];
  assert.is(new Set(all.map(bytesToHex)).size, all.length);
});

test("a shorter hash is no prefix of a longer one", () => {
  assert.is.not(bytesToHex(hash(domain, 16, emptyBytes)), bytesToHex(hash(domain, 32, emptyBytes)).slice(0, 32));
});

test("two hashers at once do not disturb one another", () => {
  const a = new LeafHasher();
  const b = new Hasher(domain, 32);
  a.update(utf8Encode("one"));
  b.update(utf8Encode("two"));
  a.update(utf8Encode("three"));
  assert.equal(b.digest(), hash(domain, 32, utf8Encode("two")));
  assert.equal(a.digest(), hashLeaf(utf8Encode("onethree")));
});

test("misuse asserts: a short domain, a long one, a digest taken twice, a node that is none", () => {
  assert.throws(() => hash("short", 32), /16 to 64/);
  assert.throws(() => hash("x".repeat(65), 32), /16 to 64/);
  const hasher = new LeafHasher();
  hasher.digest();
  assert.throws(() => hasher.digest(), /once/);
  assert.throws(() => hasher.update(emptyBytes), /final/);
  assert.throws(() => foldNodes(new Uint8Array(63)), /none in parts/);
  assert.throws(() => foldNodes(emptyBytes), /hash to begin with/);
  assert.throws(() => deriveKey(new Uint8Array(15), domain), /16 to 64/);
});

test("after use the heap holds no secret that keys were derived from", () => {
  const secret = random.bytes(32);
  deriveKey(secret, domain);
  const heap = Buffer.from((sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8);
  assert.is(heap.indexOf(secret), -1);
});

test.run();
