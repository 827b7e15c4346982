/** Keys for apps that have none yet. An app with identities of its own hands those over. */
import { peerIdFromBytes, type PeerId } from "../base/ids.ts";
import { systemRandom } from "../base/random.ts";
import { createIdentity, cryptoReady, publicKeyBytes } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { fileKeyBytes } from "../limits.ts";
import type { IdentityKeys } from "./types.ts";

/**
 * A new Ed25519 key pair for a device. Keep it, and the secret key secret: with another pair the device is another peer,
 * which cannot delete what this one attached.
 */
export async function createIdentityKeys(): Promise<IdentityKeys> {
  await cryptoReady();
  const { publicKey, secretKey } = createIdentity(systemRandom());
  return { publicKey, secretKey };
}

/** A new key for a group: 32 random bytes. The app brings it to the members. */
export const createGroupKey = (): Uint8Array => systemRandom().bytes(fileKeyBytes);

/** The id of the peer with this key pair: its public key as 64 hex digits. Errors: key_length_invalid. */
export function peerIdOf(keys: Pick<IdentityKeys, "publicKey">): PeerId {
  if (!(keys?.publicKey instanceof Uint8Array) || keys.publicKey.length !== publicKeyBytes)
    throw new FileSyncError("key_length_invalid", { detail: `publicKey: a Uint8Array of ${publicKeyBytes} bytes` });
  return peerIdFromBytes(keys.publicKey);
}
