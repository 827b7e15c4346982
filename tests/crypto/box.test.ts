/** Single sealed things against the wrapper, small and larger than what is kept of the heap. */
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { emptyBytes, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { cryptoReady, openBox, sealBox } from "../../core/crypto/index.ts";
import { cryptoArenaBytesMax } from "../../core/limits.ts";

const test = suite("crypto: box");
test.before(cryptoReady);

const random = seededRandom(24);
const key = random.bytes(32);
const nonce = random.bytes(24);

test("any plaintext and associated data: sealed as the wrapper seals, opened again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 100 }), (plain, data) => {
      const sealed = sealBox(plain, key, nonce, data);
      assert.equal(sealed, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, data, null, nonce, key));
      assert.equal(openBox(sealed, key, nonce, data), plain);
    }),
    { numRuns: 200 },
  );
});

test("larger than the arena: sealed and opened, with the heap grown on the way", () => {
  for (const size of [cryptoArenaBytesMax / 2, cryptoArenaBytesMax, 24 * 1024 * 1024]) {
    const plain = new Uint8Array(size).fill(7);
    const sealed = sealBox(plain, key, nonce, emptyBytes);
    const opened = openBox(sealed, key, nonce, emptyBytes);
    assert.ok(opened !== undefined && Buffer.compare(opened, plain) === 0);
  }
});

test("every bit flipped, cut short, another key, nonce or data: undefined", () => {
  const data = utf8Encode("data");
  const sealed = sealBox(utf8Encode("a file key"), key, nonce, data);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = sealed.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.is(openBox(flipped, key, nonce, data), undefined);
  }
  for (let size = 0; size < sealed.length; size++)
    assert.is(openBox(sealed.subarray(0, size), key, nonce, data), undefined);
  assert.is(openBox(sealed, random.bytes(32), nonce, data), undefined);
  assert.is(openBox(sealed, key, random.bytes(24), data), undefined);
  assert.is(openBox(sealed, key, nonce, emptyBytes), undefined);
});

test("wrong lengths of key and nonce assert", () => {
  assert.throws(() => sealBox(emptyBytes, new Uint8Array(31), nonce, emptyBytes), /32 bytes/);
  assert.throws(() => openBox(emptyBytes, key, new Uint8Array(12), emptyBytes), /24 bytes/);
});

test("after use the heap holds neither key nor plaintext", () => {
  const plain = random.bytes(64);
  openBox(sealBox(plain, key, nonce, emptyBytes), key, nonce, emptyBytes);
  const heap = Buffer.from((sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8);
  assert.is(heap.indexOf(plain), -1);
  assert.is(heap.indexOf(key), -1);
});

test.run();
