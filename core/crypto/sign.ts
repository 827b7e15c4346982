/** Ed25519 (RFC 8032, section 5.1): a device's identity, and what it signs. */
import { assert } from "../base/assert.ts";
import type { Identity } from "../base/identity.ts";
import { peerIdFromBytes } from "../base/ids.ts";
import { systemRandom, type Random } from "../base/random.ts";
import { borrow, giveBack, nullPointer, sodium, wipe } from "./sodium.ts";

export const publicKeyBytes = 32;
/** libsodium's form: the seed of 32 bytes (RFC 8032's private key), then the public key. */
export const secretKeyBytes = 64;
export const seedBytes = 32;
export const signatureBytes = 64;

/** A fresh identity, for apps that have none yet, demos and tests. */
export function createIdentity(random: Random = systemRandom()): Identity {
  const seed = random.bytes(seedBytes);
  const identity = identityFromSeed(seed);
  wipe(seed);
  return identity;
}

/** RFC 8032, section 5.1.5. */
export function identityFromSeed(seed: Uint8Array): Identity {
  assert(seed.length === seedBytes, "a seed is 32 bytes");
  const raw = sodium();
  const total = secretKeyBytes + seedBytes + publicKeyBytes;
  const secret = borrow(total);
  raw.HEAPU8.set(seed, secret + secretKeyBytes);
  const publicAt = secret + secretKeyBytes + seedBytes;
  const failed = raw._crypto_sign_seed_keypair(publicAt, secret, secret + secretKeyBytes);
  assert(failed === 0, "making a key pair cannot fail");
  const publicKey = raw.HEAPU8.slice(publicAt, publicAt + publicKeyBytes);
  const secretKey = raw.HEAPU8.slice(secret, secret + secretKeyBytes);
  giveBack(secret, total);
  return { peerId: peerIdFromBytes(publicKey), publicKey, secretKey };
}

/** RFC 8032, section 5.1.6. */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  assert(secretKey.length === secretKeyBytes, "a secret key is 64 bytes");
  const raw = sodium();
  const secret = borrow(secretKeyBytes + signatureBytes + message.length);
  const signature = secret + secretKeyBytes;
  raw.HEAPU8.set(secretKey, secret);
  raw.HEAPU8.set(message, signature + signatureBytes);
  const failed = raw._crypto_sign_detached(
    signature,
    nullPointer,
    signature + signatureBytes,
    message.length,
    0,
    secret,
  );
  assert(failed === 0, "signing cannot fail");
  const result = raw.HEAPU8.slice(signature, signature + signatureBytes);
  giveBack(secret, secretKeyBytes);
  return result;
}

/**
 * RFC 8032, section 5.1.7, as strict as libsodium is: keys and points of small order and encodings that are not
 * canonical are refused. False for anything malformed; a key or signature from outside needs no check before.
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== signatureBytes || publicKey.length !== publicKeyBytes) return false;
  const raw = sodium();
  const pointer = borrow(signatureBytes + publicKeyBytes + message.length);
  const key = pointer + signatureBytes;
  const input = key + publicKeyBytes;
  raw.HEAPU8.set(signature, pointer);
  raw.HEAPU8.set(publicKey, key);
  raw.HEAPU8.set(message, input);
  const failed = raw._crypto_sign_verify_detached(pointer, input, message.length, 0, key);
  giveBack(pointer, 0);
  return failed === 0;
}
