/**
 * The three handshake messages and the proof sealed in two of them, as tables. All are of one fixed size, so their
 * length tells a listener nothing; any other length is refused.
 *
 *   initiator → responder   offer    version · step 1 · ephemeral key
 *   responder → initiator   answer   version · step 2 · ephemeral key · sealed proof
 *   initiator → responder   finish   version · step 3 · sealed proof
 *
 * After them every frame is one frame of crypto_secretstream (core/crypto/stream.ts).
 */
import { column, layout } from "../codec/layout.ts";
import { constant, fixedBytes } from "../codec/field.ts";
import { exchangeKeyBytes, publicKeyBytes, signatureBytes, streamHeaderBytes } from "../crypto/index.ts";
import { channelVersion, hashBytes, tagBytes } from "../limits.ts";

const version = column(constant(channelVersion), "version of the channel; another is refused as version_unknown");
const step = (number: number) => column(constant(number), "which message of the handshake this is");
const ephemeralKey = column(fixedBytes(exchangeKeyBytes), "X25519 public key, made for this connection alone");

/** What each side proves: who it is, that it takes part in this exchange, and where its frames begin. */
export const handshakeProof = layout("handshake proof, opened", "handshake_malformed", {
  publicKey: column(fixedBytes(publicKeyBytes), "Ed25519 public key: the peer id"),
  signature: column(fixedBytes(signatureBytes), "Ed25519 over role, transcript and stream header"),
  mac: column(fixedBytes(hashBytes), "keyed BLAKE2b over role, transcript and public key, with a key of this session"),
  streamHeader: column(fixedBytes(streamHeaderBytes), "header of the crypto_secretstream of this side's frames"),
});

/** It is the last field of its message; all before it is part of the transcript that it stands on. */
export const sealedProofBytes = publicKeyBytes + signatureBytes + hashBytes + streamHeaderBytes + tagBytes;
const sealedProof = column(fixedBytes(sealedProofBytes), "the proof and its tag, sealed with a key of this session");

export const handshakeOffer = layout("handshake offer", "handshake_malformed", {
  version,
  step: step(1),
  ephemeralKey,
});

export const handshakeAnswer = layout("handshake answer", "handshake_malformed", {
  version,
  step: step(2),
  ephemeralKey,
  sealedProof,
});

export const handshakeFinish = layout("handshake finish", "handshake_malformed", {
  version,
  step: step(3),
  sealedProof,
});

/** For the documentation, in the order in which they are sent. */
export const handshakeLayouts = [handshakeOffer, handshakeAnswer, handshakeFinish, handshakeProof] as const;
