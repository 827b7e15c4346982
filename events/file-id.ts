/**
 * The id of a file says which bytes are meant, wholly: BLAKE2b-128 over its root hash, nonce prefix, length and a
 * commitment to its key. So whoever knows just the id can check a list of leaves, and with it any window, key or no
 * key; and two descriptors of one file id cannot disagree on the key or on where the file ends.
 *
 * The commitment is needed because XChaCha20-Poly1305 does not commit to its key: ciphertexts exist that open under two
 * keys (Len, Grubbs, Ristenpart 2021), and a member could show two members two files.
 */
import { hash } from "../core/crypto/index.ts";
import { fileIdFromBytes, type FileId } from "../core/base/ids.ts";

export interface FileFacts {
  /** 32 bytes: Merkle root over the windows' leaves. */
  readonly rootHash: Uint8Array;
  /** 20 bytes. */
  readonly noncePrefix: Uint8Array;
  /** 32 bytes. */
  readonly keyCommitment: Uint8Array;
  readonly fileBytes: number;
}

export function fileIdOf(facts: FileFacts): FileId {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(facts.fileBytes));
  const { rootHash, noncePrefix, keyCommitment } = facts;
  return fileIdFromBytes(hash("focused-file-sync file id 1", 16, rootHash, noncePrefix, keyCommitment, length));
}

export const keyCommitmentOf = (fileKey: Uint8Array): Uint8Array =>
  hash("focused-file-sync key commitment 1", 32, fileKey);
