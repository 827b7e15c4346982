/** Identities and signatures against the wrapper; whatever is malformed is just not a signature. */
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { bytesToHex, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { createIdentity, cryptoReady, identityFromSeed, sign, verify } from "../../core/crypto/index.ts";

const test = suite("crypto: sign");
test.before(cryptoReady);

const random = seededRandom(64);

test("an identity from a seed is the wrapper's, and the peer id is its public key", () => {
  const seed = random.bytes(32);
  const identity = identityFromSeed(seed);
  const twin = sodium.crypto_sign_seed_keypair(seed);
  assert.equal(identity.publicKey, twin.publicKey);
  assert.equal(identity.secretKey, twin.privateKey);
  assert.is(identity.peerId, bytesToHex(identity.publicKey));
});

test("identities are fresh, and the same from the same random source", () => {
  assert.is.not(createIdentity().peerId, createIdentity().peerId);
  assert.is(createIdentity(seededRandom(1)).peerId, createIdentity(seededRandom(1)).peerId);
});

test("any message: signed as the wrapper signs, verified by both", () => {
  const { publicKey, secretKey } = createIdentity(random);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1200 }), (message) => {
      const signature = sign(message, secretKey);
      assert.equal(signature, sodium.crypto_sign_detached(message, secretKey));
      assert.ok(verify(signature, message, publicKey));
    }),
    { numRuns: 50 },
  );
});

test("every bit of signature and key flipped, and another message: refused", () => {
  const { publicKey, secretKey } = createIdentity(random);
  const message = utf8Encode("an attachment");
  const signature = sign(message, secretKey);
  for (let bit = 0; bit < 512; bit++) assert.not.ok(verify(flip(signature, bit), message, publicKey));
  for (let bit = 0; bit < 256; bit++) assert.not.ok(verify(signature, message, flip(publicKey, bit)));
  for (let bit = 0; bit < message.length * 8; bit++) assert.not.ok(verify(signature, flip(message, bit), publicKey));
});

test("lengths that are wrong and keys that are no points: false, never thrown", () => {
  const { publicKey, secretKey } = createIdentity(random);
  const message = utf8Encode("m");
  const signature = sign(message, secretKey);
  for (const length of [0, 1, 31, 33, 64]) assert.not.ok(verify(signature, message, new Uint8Array(length)));
  for (const length of [0, 1, 63, 65]) assert.not.ok(verify(new Uint8Array(length), message, publicKey));
  for (const byte of [0, 1, 0xff]) assert.not.ok(verify(signature, message, new Uint8Array(32).fill(byte)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 40 }), (s, k) => !verify(s, message, k)),
  );
});

test("the identity point as key with an all-zero scalar: the forgery for every message is refused", () => {
  const identityPoint = new Uint8Array(32);
  identityPoint[0] = 1;
  const signature = new Uint8Array(64);
  signature[0] = 1;
  assert.not.ok(verify(signature, utf8Encode("anything"), identityPoint));
});

test("after use the heap holds no secret key", () => {
  const { secretKey } = createIdentity(random);
  sign(utf8Encode("m"), secretKey);
  const heap = Buffer.from((sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8);
  assert.is(heap.indexOf(secretKey.subarray(0, 32)), -1);
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}

test.run();
