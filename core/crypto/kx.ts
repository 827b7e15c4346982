/**
 * Ephemeral key exchange: X25519 (RFC 7748, section 5) through libsodium's crypto_kx, whose session keys are the two
 * halves of BLAKE2b-512 over shared point, client's key and server's key. Its key pairs are made from a seed, so
 * randomness comes from outside as everywhere.
 */
import { assert } from "../base/assert.ts";
import { borrow, giveBack, sodium } from "./sodium.ts";

export const exchangeKeyBytes = 32;
export const exchangeSeedBytes = 32;

export interface ExchangeKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** One key a direction, 32 bytes each. */
export interface SessionKeys {
  readonly receive: Uint8Array;
  readonly send: Uint8Array;
}

export function exchangeKeyPair(seed: Uint8Array): ExchangeKeyPair {
  assert(seed.length === exchangeSeedBytes, "a seed is 32 bytes");
  const raw = sodium();
  const total = 3 * exchangeKeyBytes;
  const publicAt = borrow(total);
  const secretAt = publicAt + exchangeKeyBytes;
  const seedAt = secretAt + exchangeKeyBytes;
  raw.HEAPU8.set(seed, seedAt);
  const failed = raw._crypto_kx_seed_keypair(publicAt, secretAt, seedAt);
  assert(failed === 0, "making a key pair cannot fail");
  const pair = { publicKey: raw.HEAPU8.slice(publicAt, secretAt), secretKey: raw.HEAPU8.slice(secretAt, seedAt) };
  giveBack(publicAt, total);
  return pair;
}

/** Who dialled is the client. Undefined when the other's key is a point of low order (RFC 7748, section 6.1). */
export function sessionKeys(
  side: "client" | "server",
  own: ExchangeKeyPair,
  otherPublicKey: Uint8Array,
): SessionKeys | undefined {
  assert(
    own.publicKey.length === exchangeKeyBytes && own.secretKey.length === exchangeKeyBytes,
    "exchange keys are 32 bytes",
  );
  assert(otherPublicKey.length === exchangeKeyBytes, "the other's exchange key is 32 bytes");
  const raw = sodium();
  const total = 5 * exchangeKeyBytes;
  const receiveAt = borrow(total);
  const sendAt = receiveAt + exchangeKeyBytes;
  const secretAt = sendAt + exchangeKeyBytes;
  const ownAt = secretAt + exchangeKeyBytes;
  const otherAt = ownAt + exchangeKeyBytes;
  raw.HEAPU8.set(own.secretKey, secretAt);
  raw.HEAPU8.set(own.publicKey, ownAt);
  raw.HEAPU8.set(otherPublicKey, otherAt);
  const failed =
    side === "client"
      ? raw._crypto_kx_client_session_keys(receiveAt, sendAt, ownAt, secretAt, otherAt)
      : raw._crypto_kx_server_session_keys(receiveAt, sendAt, ownAt, secretAt, otherAt);
  const keys =
    failed === 0
      ? { receive: raw.HEAPU8.slice(receiveAt, sendAt), send: raw.HEAPU8.slice(sendAt, secretAt) }
      : undefined;
  giveBack(receiveAt, total);
  return keys;
}
