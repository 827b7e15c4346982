/**
 * A payload that only the group can read: the id of the group key, a random nonce, XChaCha20-Poly1305. The envelope's
 * header is associated data, so a sealed payload cannot be moved under another author or time.
 */
import { column, layout } from "../core/codec/layout.ts";
import { fixedBytes, restBytes } from "../core/codec/field.ts";
import { hash, openBox, sealBox } from "../core/crypto/index.ts";
import { bytesToHex } from "../core/base/bytes.ts";
import { fail, ok, type Result } from "../core/base/result.ts";
import { nonceBytes } from "../core/limits.ts";

const keyIdBytes = 8;

export const sealedPayloadLayout = layout("sealed_payload", "event_malformed", {
  keyId: column(fixedBytes(keyIdBytes), "first bytes of a keyed BLAKE2b of the group key that sealed it"),
  nonce: column(fixedBytes(nonceBytes), "random"),
  box: column(restBytes, "XChaCha20-Poly1305 of the payload, tag last; associated data: the envelope's first 50 bytes"),
});

export const groupKeyId = (groupKey: Uint8Array): string =>
  bytesToHex(hash("focused-file-sync group key 1", 16, groupKey).subarray(0, keyIdBytes));

/** The keys of a group by their ids. */
export type GroupKeyring = ReadonlyMap<string, Uint8Array>;

export const groupKeyring = (keys: readonly Uint8Array[]): GroupKeyring =>
  new Map(keys.map((key) => [groupKeyId(key), key]));

export function sealPayload(
  plain: Uint8Array,
  groupKey: Uint8Array,
  nonce: Uint8Array,
  header: Uint8Array,
): Uint8Array {
  const keyId = hash("focused-file-sync group key 1", 16, groupKey).subarray(0, keyIdBytes);
  return sealedPayloadLayout.encode({ keyId, nonce, box: sealBox(plain, groupKey, nonce, header) });
}

export type OpenedPayload = { readonly plain: Uint8Array } | { readonly missingKeyId: string };

/** A key that we do not have is no error; a payload that its own key does not open is. */
export function openPayload(payload: Uint8Array, keyring: GroupKeyring, header: Uint8Array): Result<OpenedPayload> {
  const decoded = sealedPayloadLayout.decode(payload);
  if (!decoded.ok) return decoded;
  const { nonce, box } = decoded.value;
  const keyId = bytesToHex(decoded.value.keyId);
  const groupKey = keyring.get(keyId);
  if (groupKey === undefined) return ok({ missingKeyId: keyId });
  const plain = openBox(box, groupKey, nonce, header);
  return plain === undefined ? fail("payload_tag_invalid") : ok({ plain });
}
