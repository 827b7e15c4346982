/**
 * The cryptography of the handshake: SIGMA-I (Krawczyk, "SIGMA: the SIGn-and-MAc approach to authenticated
 * Diffie-Hellman", 2003, section 5.2), from libsodium's functions alone. Why this one: docs/decisions/0004-channel.md.
 *
 *   I → R   x
 *   R → I   y, { R, SIG_R(x, y), MAC_R(R) }
 *   I → R      { I, SIG_I(x, y), MAC_I(I) }
 *
 * - The signature proves that the owner of an identity takes part in this exchange; the MAC, that the one who knows
 *   the session's keys claims this identity (without it, someone could put his name to another's exchange; section 3).
 * - Each side signs and authenticates a transcript: the hash of every handshake byte before its proof. Domain and
 *   transcript differ by role, so no proof serves the other side.
 * - Each use of each side has a key of its own, derived from that side's half of crypto_kx's session keys. The key that
 *   seals a proof seals nothing else; so its nonce is zero.
 * - The keys of the frames are derived from the transcript of the whole handshake: frames flow only between two ends
 *   that have seen the same three messages, byte for byte.
 */
import type { Identity } from "../base/identity.ts";
import { concatBytes, utf8Encode } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { authenticate, deriveKey, hash, openBox, sealBox, secretsEqual, sign, verify, wipe } from "../crypto/index.ts";
import { nonceBytes } from "../limits.ts";
import { handshakeProof } from "./messages.ts";

export type Role = "initiator" | "responder";

export const otherRole = (role: Role): Role => (role === "initiator" ? "responder" : "initiator");

/** Everything that one side's proof hangs on. `secret` is the session key of the frames that this side sends. */
export interface ProofContext {
  readonly role: Role;
  readonly secret: Uint8Array;
  readonly transcript: Uint8Array;
}

/** What a proof that holds says of the one who made it. */
export interface Proven {
  readonly publicKey: Uint8Array;
  readonly streamHeader: Uint8Array;
}

/** The hash of handshake bytes so far. The parts have fixed sizes, so no two transcripts are one string of bytes. */
export function transcriptOf(...messages: readonly Uint8Array[]): Uint8Array {
  return hash("focused-file-sync channel transcript 1", 64, ...messages);
}

export function makeProof(context: ProofContext, identity: Identity, streamHeader: Uint8Array): Uint8Array {
  const { publicKey, secretKey } = identity;
  const signature = sign(signedBytes(context, streamHeader), secretKey);
  const plain = handshakeProof.encode({ publicKey, signature, mac: macOf(context, publicKey), streamHeader });
  const key = deriveKey(context.secret, `focused-file-sync channel ${context.role} seal 1`);
  const sealed = sealBox(plain, key, zeroNonce, context.transcript);
  wipe(key);
  return sealed;
}

/** Says who it is only when seal, MAC and signature all hold. */
export function checkProof(context: ProofContext, sealedProof: Uint8Array): Result<Proven> {
  const key = deriveKey(context.secret, `focused-file-sync channel ${context.role} seal 1`);
  const plain = openBox(sealedProof, key, zeroNonce, context.transcript);
  wipe(key);
  if (plain === undefined) return fail("handshake_malformed", { detail: `the ${context.role}'s proof does not open` });
  const decoded = handshakeProof.decode(plain);
  if (!decoded.ok) return decoded;
  const { publicKey, signature, mac, streamHeader } = decoded.value;
  if (!secretsEqual(mac, macOf(context, publicKey))) return fail("handshake_signature_invalid", { detail: "mac" });
  if (!verify(signature, signedBytes(context, streamHeader), publicKey))
    return fail("handshake_signature_invalid", { detail: "signature" });
  return ok({ publicKey, streamHeader });
}

/** Key of the frames that the side with this secret sends. */
export function streamKey({ role, secret, transcript }: ProofContext): Uint8Array {
  return deriveKey(secret, `focused-file-sync channel ${role} stream 1`, transcript);
}

const zeroNonce = new Uint8Array(nonceBytes);

/** The text before the hash tells this from everything else that an identity signs: events begin with a version byte. */
function signedBytes({ role, transcript }: ProofContext, streamHeader: Uint8Array): Uint8Array {
  return concatBytes(utf8Encode(`focused-file-sync channel ${role} signature 1`), transcript, streamHeader);
}

function macOf({ role, secret, transcript }: ProofContext, publicKey: Uint8Array): Uint8Array {
  const key = deriveKey(secret, `focused-file-sync channel ${role} mac key 1`);
  const mac = authenticate(key, `focused-file-sync channel ${role} mac 1`, transcript, publicKey);
  wipe(key);
  return mac;
}
