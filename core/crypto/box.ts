/**
 * Sealing of single things (a descriptor, the projections' cache, a part of a handshake): XChaCha20-Poly1305 with
 * associated data (draft-irtf-cfrg-xchacha-03, section 2; the construction is RFC 8439, section 2.8). The nonce is
 * long enough to be drawn at random for each message (section 3.1 there).
 */
import { assert } from "../base/assert.ts";
import { nonceBytes, tagBytes } from "../limits.ts";
import { borrow, giveBack, nullPointer, sodium } from "./sodium.ts";

export const boxKeyBytes = 32;

/** Ciphertext and tag: 16 bytes more than the plaintext. One nonce seals one message under a key. */
export function sealBox(plain: Uint8Array, key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array): Uint8Array {
  assertKeyAndNonce(key, nonce);
  const raw = sodium();
  const sealedBytes = plain.length + tagBytes;
  // Key, plaintext, nonce, associated data, ciphertext: what is secret comes first.
  const pointer = borrow(boxKeyBytes + plain.length + nonceBytes + associatedData.length + sealedBytes);
  const plainAt = pointer + boxKeyBytes;
  const nonceAt = plainAt + plain.length;
  const dataAt = nonceAt + nonceBytes;
  const sealedAt = dataAt + associatedData.length;
  const heap = raw.HEAPU8;
  heap.set(key, pointer);
  heap.set(plain, plainAt);
  heap.set(nonce, nonceAt);
  heap.set(associatedData, dataAt);
  const failed = raw._crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealedAt,
    nullPointer,
    plainAt,
    plain.length,
    0,
    dataAt,
    associatedData.length,
    0,
    nullPointer,
    nonceAt,
    pointer,
  );
  assert(failed === 0, "sealing cannot fail");
  const sealed = heap.slice(sealedAt, sealedAt + sealedBytes);
  giveBack(pointer, boxKeyBytes + plain.length);
  return sealed;
}

/** Undefined when the tag does not match: another key, nonce or associated data, or altered bytes. */
export function openBox(
  sealed: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array | undefined {
  assertKeyAndNonce(key, nonce);
  if (sealed.length < tagBytes) return undefined;
  const raw = sodium();
  const plainBytes = sealed.length - tagBytes;
  const pointer = borrow(boxKeyBytes + plainBytes + nonceBytes + associatedData.length + sealed.length);
  const plainAt = pointer + boxKeyBytes;
  const nonceAt = plainAt + plainBytes;
  const dataAt = nonceAt + nonceBytes;
  const sealedAt = dataAt + associatedData.length;
  const heap = raw.HEAPU8;
  heap.set(key, pointer);
  heap.set(nonce, nonceAt);
  heap.set(associatedData, dataAt);
  heap.set(sealed, sealedAt);
  const failed = raw._crypto_aead_xchacha20poly1305_ietf_decrypt(
    plainAt,
    nullPointer,
    nullPointer,
    sealedAt,
    sealed.length,
    0,
    dataAt,
    associatedData.length,
    0,
    nonceAt,
    pointer,
  );
  const plain = failed === 0 ? heap.slice(plainAt, plainAt + plainBytes) : undefined;
  giveBack(pointer, boxKeyBytes + plainBytes);
  return plain;
}

function assertKeyAndNonce(key: Uint8Array, nonce: Uint8Array): void {
  assert(key.length === boxKeyBytes, "a key is 32 bytes");
  assert(nonce.length === nonceBytes, "a nonce is 24 bytes");
}
