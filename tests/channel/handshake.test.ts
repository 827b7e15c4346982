/** The handshake: two members meet; everyone else meets a closed door. G-7: only members get anything. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, emptyBytes } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import type { Channel } from "../../core/channel/index.ts";
import { handshakeAnswer, handshakeFinish, handshakeOffer, sealedProofBytes } from "../../core/channel/messages.ts";
import { createIdentity, cryptoReady } from "../../core/crypto/index.ts";
import { channelVersion, frameBytesMax } from "../../core/limits.ts";
import { channelPair, codeOf, codeThrown, flipBit, shakeHands } from "./pair.ts";

const test = suite("channel: handshake");
test.before(cryptoReady);

test("two members: three messages of fixed size, each knows the other, both open", () => {
  for (let seed = 0; seed < 20; seed++) {
    const pair = channelPair({ seed });
    const { messages } = shakeHands(pair);
    assert.equal(
      messages.map((message) => message.length),
      [34, 202, 170],
    );
    assert.is(pair.initiator.state, "open");
    assert.is(pair.responder.state, "open");
    assert.is(pair.initiator.remotePeer, pair.identities.responder.peerId);
    assert.is(pair.responder.remotePeer, pair.identities.initiator.peerId);
  }
});

test("`opened` is said once a side, and nobody is named before", () => {
  const { initiator, responder } = channelPair();
  const offer = initiator.start() as Uint8Array;
  const answered = responder.handleFrame(offer);
  assert.ok(answered.ok && !answered.value.opened && responder.remotePeer === undefined);
  const finished = initiator.handleFrame(answered.ok ? (answered.value.outgoing[0] as Uint8Array) : offer);
  assert.ok(finished.ok && finished.value.opened);
  const taken = responder.handleFrame(finished.ok ? (finished.value.outgoing[0] as Uint8Array) : offer);
  assert.ok(taken.ok && taken.value.opened && taken.value.outgoing.length === 0);
});

test("a listener sees no identity: no run of 8 bytes of either key is in the messages", () => {
  const pair = channelPair();
  const wire = Buffer.from(concatBytes(...shakeHands(pair).messages));
  for (const { publicKey } of Object.values(pair.identities)) {
    for (let at = 0; at + 8 <= publicKey.length; at++) assert.is(wire.indexOf(publicKey.subarray(at, at + 8)), -1);
  }
});

test("every bit of every message flipped: a named error, and the side that finds it hears and says nothing more", () => {
  const sizes = [34, 202, 170];
  for (const [step, size] of sizes.entries()) {
    for (let bit = 0; bit < size * 8; bit++) {
      const pair = channelPair();
      const { initiatorError, responderError } = shakeHands(pair, (at, message) =>
        at === step ? flipBit(message, bit) : message,
      );
      assert.is(
        initiatorError ?? responderError,
        bit < 8 ? "version_unknown" : "handshake_malformed",
        `bit ${bit} of message ${step}`,
      );
      const finder = initiatorError === undefined ? pair.responder : pair.initiator;
      assert.is(finder.state, "dead");
      assert.is(finder.remotePeer, undefined);
      // The initiator may have opened by then; nobody opens what it seals.
      if (pair.initiator.state === "open")
        assert.is(codeOf(finder.handleFrame(pair.initiator.seal(emptyBytes))), "channel_closed");
      assert.is(
        codeThrown(() => finder.seal(emptyBytes)),
        "channel_closed",
      );
    }
  }
});

test("every length but the right one: handshake_malformed; longer than any frame: frame_too_large", () => {
  for (const step of [0, 1, 2]) {
    for (const change of [-1, 1, 64, -20]) {
      const resize = (message: Uint8Array): Uint8Array => {
        const resized = new Uint8Array(message.length + change);
        resized.set(message.subarray(0, resized.length));
        return resized;
      };
      const { initiatorError, responderError } = shakeHands(channelPair(), (at, message) =>
        at === step ? resize(message) : message,
      );
      assert.is(initiatorError ?? responderError, "handshake_malformed");
    }
    const large = shakeHands(channelPair(), (at, message) =>
      at === step ? new Uint8Array(frameBytesMax + 1) : message,
    );
    assert.is(large.initiatorError ?? large.responderError, "frame_too_large");
    const empty = shakeHands(channelPair(), (at, message) => (at === step ? new Uint8Array(0) : message));
    assert.is(empty.initiatorError ?? empty.responderError, "handshake_malformed");
  }
});

test("a stranger dials: it gets the answer to its offer and not one byte more", () => {
  const asked: string[] = [];
  const pair = channelPair({
    responderAuthorizes: (peer) => {
      asked.push(peer);
      return false;
    },
  });
  const { messages, responderError } = shakeHands(pair);
  assert.is(responderError, "not_member");
  assert.equal(asked, [pair.identities.initiator.peerId]);
  assert.is(messages.length, 3);
  assert.is(pair.responder.remotePeer, undefined);
  assert.is(
    codeThrown(() => pair.responder.seal(emptyBytes)),
    "channel_closed",
  );
  assert.is(codeOf(pair.initiator.handleEnd()), "channel_cut");
});

test("a stranger answers: the initiator ends before it names itself", () => {
  const pair = channelPair({ initiatorAuthorizes: () => false });
  const { messages, initiatorError } = shakeHands(pair);
  assert.is(initiatorError, "not_member");
  assert.is(messages.length, 2);
  assert.is(pair.initiator.remotePeer, undefined);
});

test("our own identity at the other end: handshake_self, whoever dialled, and nobody is asked about it", () => {
  const identity = createIdentity(seededRandom(5));
  const authorize = (): boolean => assert.unreachable("asked about ourselves") as never;
  const pair = channelPair({
    initiator: identity,
    responder: identity,
    initiatorAuthorizes: authorize,
    responderAuthorizes: authorize,
  });
  assert.is(shakeHands(pair).initiatorError, "handshake_self");
});

test("reflection: one's own offer, as it was or dressed as an answer, is not an answer", () => {
  const echoed = channelPair();
  assert.is(codeOf(echoed.initiator.handleFrame(echoed.initiator.start() as Uint8Array)), "handshake_malformed");
  const dressed = channelPair();
  const { ephemeralKey } = decoded(dressed.initiator.start() as Uint8Array);
  const answer = handshakeAnswer.encode({
    version: channelVersion,
    step: 2,
    ephemeralKey,
    sealedProof: new Uint8Array(sealedProofBytes),
  });
  assert.is(codeOf(dressed.initiator.handleFrame(answer)), "handshake_malformed");
});

test("a responder's proof given back to it as an initiator's does not open", () => {
  const { initiator, responder } = channelPair();
  const answer = outgoingOf(responder.handleFrame(initiator.start() as Uint8Array));
  const sealedProof = answer.subarray(-sealedProofBytes);
  assert.is(
    codeOf(responder.handleFrame(handshakeFinish.encode({ version: channelVersion, step: 3, sealedProof }))),
    "handshake_malformed",
  );
});

test("messages of an earlier handshake, replayed: none is taken", () => {
  const [offer, answer, finish] = shakeHands(channelPair({ seed: 1 })).messages as [Uint8Array, Uint8Array, Uint8Array];
  assert.is(
    shakeHands(channelPair({ seed: 2 }), (step, message) => (step === 1 ? answer : message)).initiatorError,
    "handshake_malformed",
  );
  assert.is(
    shakeHands(channelPair({ seed: 2 }), (step, message) => (step === 2 ? finish : message)).responderError,
    "handshake_malformed",
  );
  const { responder } = channelPair({ seed: 3 });
  assert.is.not(Buffer.compare(outgoingOf(responder.handleFrame(offer)), answer), 0);
  assert.is(codeOf(responder.handleFrame(finish)), "handshake_malformed");
});

test("a message twice, or out of turn: handshake_malformed", () => {
  const twice = channelPair();
  const offer = twice.initiator.start() as Uint8Array;
  assert.ok(twice.responder.handleFrame(offer).ok);
  assert.is(codeOf(twice.responder.handleFrame(offer)), "handshake_malformed");
  const early = channelPair();
  assert.is(codeOf(early.initiator.handleFrame(offer)), "handshake_malformed");
});

test("ephemeral keys of low order: refused on either side", () => {
  const one = new Uint8Array(32);
  one[0] = 1;
  for (const ephemeralKey of [new Uint8Array(32), one]) {
    const offer = handshakeOffer.encode({ version: channelVersion, step: 1, ephemeralKey });
    assert.is(codeOf(channelPair().responder.handleFrame(offer)), "handshake_malformed");
    const { initiator } = channelPair();
    initiator.start();
    const answer = handshakeAnswer.encode({
      version: channelVersion,
      step: 2,
      ephemeralKey,
      sealedProof: new Uint8Array(sealedProofBytes),
    });
    assert.is(codeOf(initiator.handleFrame(answer)), "handshake_malformed");
  }
});

test("the transport ends during the handshake: channel_cut, then channel_closed", () => {
  const { initiator, responder } = channelPair();
  initiator.start();
  for (const channel of [initiator, responder]) {
    assert.is(codeOf(channel.handleEnd()), "channel_cut");
    assert.is(codeOf(channel.handleEnd()), "channel_closed");
    assert.is(codeOf(channel.handleFrame(new Uint8Array(34))), "channel_closed");
    assert.is(
      codeThrown(() => channel.start()),
      "channel_closed",
    );
  }
});

function decoded(offer: Uint8Array): { ephemeralKey: Uint8Array } {
  const result = handshakeOffer.decode(offer);
  if (!result.ok) throw result.error;
  return result.value;
}

function outgoingOf(result: ReturnType<Channel["handleFrame"]>): Uint8Array {
  if (!result.ok) throw result.error;
  return result.value.outgoing[0] as Uint8Array;
}

test.run();
