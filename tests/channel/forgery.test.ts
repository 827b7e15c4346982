/**
 * A peer made by hand, which knows the keys of its session and claims what it likes. It is also the slow twin of the
 * handshake: the proof is written out a second time here. G-7: only members get anything.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Identity } from "../../core/base/identity.ts";
import { concatBytes, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { Channel } from "../../core/channel/index.ts";
import { handshakeOffer } from "../../core/channel/messages.ts";
import {
  authenticate,
  createIdentity,
  cryptoReady,
  deriveKey,
  exchangeKeyPair,
  hash,
  sealBox,
  sessionKeys,
  sign,
  type SessionKeys,
} from "../../core/crypto/index.ts";
import { channelVersion } from "../../core/limits.ts";
import { codeOf } from "./pair.ts";

const test = suite("channel: forgery");
test.before(cryptoReady);

test("the proof made by hand from the specification is taken", () => {
  const attacker = createIdentity(seededRandom(6));
  const dialled = handMadeInitiator(attacker);
  const responder = dialled.responder(createIdentity(seededRandom(8)));
  assert.is(codeOf(responder.handleFrame(dialled.finish({}))), undefined);
  assert.is(responder.remotePeer, attacker.peerId);
});

test("one who holds the session's keys but not what he claims: handshake_signature_invalid", () => {
  const [attacker, victim] = [createIdentity(seededRandom(6)), createIdentity(seededRandom(7))];
  const claims: Record<string, Claim> = {
    "the victim's name under the attacker's signature": { name: victim.publicKey },
    "a name that is no key": { name: new Uint8Array(32) },
    "a mac over another name": { nameInMac: victim.publicKey },
    "a signature of the responder's role": { signedRole: "responder" },
    "a signature of another exchange": { signedTranscript: new Uint8Array(64) },
    "a signature over another stream header": { signedHeader: new Uint8Array(24).fill(1) },
  };
  for (const [what, claim] of Object.entries(claims)) {
    const dialled = handMadeInitiator(attacker);
    const responder = dialled.responder(createIdentity(seededRandom(8)));
    assert.is(codeOf(responder.handleFrame(dialled.finish(claim))), "handshake_signature_invalid", what);
    assert.is(responder.remotePeer, undefined);
  }
});

test("one who has stolen our own identity and dials us: handshake_self", () => {
  const identity = createIdentity(seededRandom(5));
  const dialled = handMadeInitiator(identity);
  assert.is(codeOf(dialled.responder(identity).handleFrame(dialled.finish({}))), "handshake_self");
});

interface Claim {
  readonly name?: Uint8Array;
  readonly nameInMac?: Uint8Array;
  readonly signedRole?: string;
  readonly signedTranscript?: Uint8Array;
  readonly signedHeader?: Uint8Array;
}

/** An initiator that knows all that an initiator may know, and claims what it likes. */
function handMadeInitiator(identity: Identity) {
  const ephemeral = exchangeKeyPair(seededRandom(9).bytes(32));
  const offer = handshakeOffer.encode({ version: channelVersion, step: 1, ephemeralKey: ephemeral.publicKey });
  let answer = new Uint8Array(0);
  return {
    /** A responder that has answered the offer. */
    responder(own: Identity): Channel {
      const responder = new Channel({
        role: "responder",
        identity: own,
        random: seededRandom(10),
        authorize: () => true,
      });
      answer = Uint8Array.from(outgoingOf(responder.handleFrame(offer)));
      return responder;
    },
    finish(claim: Claim): Uint8Array {
      const otherKey = answer.subarray(2, 34);
      const secret = (sessionKeys("client", ephemeral, otherKey) as SessionKeys).send;
      const head = Uint8Array.of(channelVersion, 3);
      const transcript = hash("focused-file-sync channel transcript 1", 64, offer, answer, head);
      return concatBytes(head, proofByHand(identity, secret, transcript, claim));
    },
  };
}

/** What makeProof does, written out a second time from docs/decisions/0004-channel.md. */
function proofByHand(identity: Identity, secret: Uint8Array, transcript: Uint8Array, claim: Claim): Uint8Array {
  const domain = (what: string, role = "initiator"): string => `focused-file-sync channel ${role} ${what} 1`;
  const streamHeader = new Uint8Array(24);
  const signed = [claim.signedTranscript ?? transcript, claim.signedHeader ?? streamHeader];
  const message = concatBytes(utf8Encode(domain("signature", claim.signedRole)), ...signed);
  const name = claim.name ?? identity.publicKey;
  const macKey = deriveKey(secret, domain("mac key"));
  const mac = authenticate(macKey, domain("mac"), transcript, claim.nameInMac ?? name);
  const plain = concatBytes(name, sign(message, identity.secretKey), mac, streamHeader);
  return sealBox(plain, deriveKey(secret, domain("seal")), new Uint8Array(24), transcript);
}

function outgoingOf(result: ReturnType<Channel["handleFrame"]>): Uint8Array {
  if (!result.ok) throw result.error;
  return result.value.outgoing[0] as Uint8Array;
}

test.run();
