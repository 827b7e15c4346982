/** Keys for apps that have none yet. An app with identities of its own hands those over. */
import { peerIdFromBytes, type PeerId } from "../base/ids.ts";
import { systemRandom } from "../base/random.ts";
import { createIdentity, cryptoReady, publicKeyBytes } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { fileKeyBytes } from "../limits.ts";
import type { IdentityKeys } from "./types.ts";

/** A new Ed25519 key pair for a device. Keep the secret key secret, and keep it: the store opens with it only. */
export async function createIdentityKeys(): Promise<IdentityKeys> {
  await cryptoReady();
  const { publicKey, secretKey } = createIdentity(systemRandom());
  return { publicKey, secretKey };
}

/** 32 random bytes. */
export const createGroupKey = (): Uint8Array => systemRandom().bytes(fileKeyBytes);

/** The id of the peer with this key pair: its public key as hex. */
export function peerIdOf(keys: Pick<IdentityKeys, "publicKey">): PeerId {
  if (keys.publicKey.length !== publicKeyBytes) throw new FileSyncError("key_length_invalid", { detail: "publicKey" });
  return peerIdFromBytes(keys.publicKey);
}
