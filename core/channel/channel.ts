/**
 * A secure channel over a connection that does not say who the other end is: a handshake (handshake.ts), then frames
 * that cannot be read, altered, dropped, repeated or reordered by anyone between. No clock, no socket, no await: the
 * host feeds it frames, sends what it gives back, and ends it when the handshake takes too long.
 *
 * The order of disclosure is the point. The initiator names itself only after the responder has proved who it is and
 * was authorised. The responder names itself to whoever dials, since one of the two must be first, but answers nothing
 * more: a stranger sees the connection end, as does one whose proof is wrong.
 *
 * Any failure is the last: the keys are wiped and every later call gives `channel_closed`. What a peer can cause comes
 * back as a value (`handleFrame`, `handleEnd`). `start`, `seal` and `finish` are the caller's own doing: they throw the
 * same error, which is met only by a caller that did not look at `state`.
 */
import type { Identity } from "../base/identity.ts";
import { peerIdFromBytes, type PeerId } from "../base/ids.ts";
import { assert } from "../base/assert.ts";
import { bytesEqual, emptyBytes } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import { done, fail, ok, unwrap, type Result } from "../base/result.ts";
import {
  exchangeKeyPair,
  exchangeSeedBytes,
  PullStream,
  PushStream,
  sessionKeys,
  streamHeaderBytes,
  wipe,
  type ExchangeKeyPair,
  type SessionKeys,
} from "../crypto/index.ts";
import type { ErrorCode } from "../errors.ts";
import { channelVersion, frameBytesMax, framePlainBytesMax } from "../limits.ts";
import { checkProof, makeProof, otherRole, streamKey, transcriptOf, type Proven, type Role } from "./handshake.ts";
import { handshakeAnswer, handshakeFinish, handshakeOffer, sealedProofBytes } from "./messages.ts";
import { channelTable, type ChannelAction, type ChannelCall, type ChannelState } from "./states.ts";

export interface ChannelOptions {
  /** Who dialled is the initiator. */
  readonly role: Role;
  readonly identity: Identity;
  readonly random: Random;
  /** Whether this peer may talk to us: membership in the group, asked once its proof holds. */
  readonly authorize: (peer: PeerId) => boolean;
}

export interface ReceivedFrame {
  /** To be sent at once, in order. */
  readonly outgoing: readonly Uint8Array[];
  /** What the other side sealed; unset for frames of the handshake and the final one. */
  readonly plain: Uint8Array | undefined;
  /** Set by the one frame with which the channel opened: `remotePeer` is known and `seal` may be called. */
  readonly opened: boolean;
}

const nothing: ReceivedFrame = { outgoing: [], plain: undefined, opened: false };

export class Channel {
  readonly #options: ChannelOptions;
  readonly #ephemeral: ExchangeKeyPair;
  readonly #ownHeader: Uint8Array;
  #state: ChannelState;
  #remotePeer: PeerId | undefined;
  /** Handshake messages so far, as sent. */
  #messages: Uint8Array[] = [];
  #keys: SessionKeys | undefined;
  #push: PushStream | undefined;
  #pull: PullStream | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#state = options.role === "initiator" ? "idle" : "awaits_offer";
    const seed = options.random.bytes(exchangeSeedBytes);
    this.#ephemeral = exchangeKeyPair(seed);
    wipe(seed);
    this.#ownHeader = options.random.bytes(streamHeaderBytes);
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Set once the other side has proved that it is this peer and was authorised. */
  get remotePeer(): PeerId | undefined {
    return this.#remotePeer;
  }

  /** The initiator's first message; a responder has none and waits. Throws `channel_closed` when called again. */
  start(): Uint8Array | undefined {
    const action = unwrap(this.#admit("start"));
    if (action === "wait") return undefined;
    const { publicKey: ephemeralKey } = this.#ephemeral;
    const offer = handshakeOffer.encode({ version: channelVersion, step: 1, ephemeralKey });
    this.#messages.push(offer);
    this.#state = "awaits_answer";
    return offer;
  }

  /** Takes one frame as it came. After an error the host ends the connection, without a word. */
  handleFrame(frame: Uint8Array): Result<ReceivedFrame> {
    const admitted = this.#admit("frame");
    if (!admitted.ok) return admitted;
    const result =
      frame.length > frameBytesMax
        ? fail("frame_too_large", { detail: `${frame.length} bytes` })
        : this.#take(admitted.value, frame);
    if (!result.ok) this.#die();
    return result;
  }

  /** A frame that holds these bytes, at most `framePlainBytesMax`. Throws `channel_closed` unless it may. */
  seal(plain: Uint8Array): Uint8Array {
    unwrap(this.#admit("seal"));
    assert(plain.length <= framePlainBytesMax, "what is sealed fits a frame");
    assert(this.#push !== undefined, "a channel that is open can seal");
    return this.#push.push(plain);
  }

  /** The final frame: tells the other side that nothing is missing. Throws `channel_closed` unless it may. */
  finish(): Uint8Array {
    unwrap(this.#admit("finish"));
    assert(this.#push !== undefined, "a channel that is open can seal");
    const frame = this.#push.push(emptyBytes, true);
    this.#state = this.#state === "open" ? "finished_here" : "closed";
    return frame;
  }

  /** The transport ended. In order only after the other side's final frame; else something may have been cut off. */
  handleEnd(): Result<void> {
    const admitted = this.#admit("end");
    if (!admitted.ok) return admitted;
    this.#push?.wipe();
    this.#state = "closed";
    return done;
  }

  /** What the table says of this call now. */
  #admit(call: ChannelCall): Result<ChannelAction> {
    const cell = channelTable[this.#state][call];
    if ("action" in cell) return ok(cell.action);
    return this.#refuse(cell.refused, call);
  }

  #refuse(code: ErrorCode, call: ChannelCall): Result<never> {
    const detail = `${call} while ${this.#state}`;
    this.#die();
    return fail(code, { detail });
  }

  #take(action: ChannelAction, frame: Uint8Array): Result<ReceivedFrame> {
    if (action === "open_frame") return this.#openFrame(frame);
    // Before the length, since another version's messages may have another.
    const version = frame[0] ?? channelVersion;
    if (version !== channelVersion) return fail("version_unknown", { detail: `channel version ${version}` });
    if (action === "take_offer") return this.#takeOffer(frame);
    if (action === "take_answer") return this.#takeAnswer(frame);
    assert(action === "take_finish", "the table has no other action for a frame");
    return this.#takeFinish(frame);
  }

  #takeOffer(frame: Uint8Array): Result<ReceivedFrame> {
    const offer = handshakeOffer.decode(frame);
    if (!offer.ok) return offer;
    const exchanged = this.#exchange(offer.value.ephemeralKey);
    if (!exchanged.ok) return exchanged;
    this.#messages.push(frame.slice());
    const fields = { version: channelVersion, step: 2, ephemeralKey: this.#ephemeral.publicKey };
    const answer = this.#withProof((sealedProof) => handshakeAnswer.encode({ ...fields, sealedProof }));
    this.#state = "awaits_finish";
    return ok({ ...nothing, outgoing: [answer] });
  }

  #takeAnswer(frame: Uint8Array): Result<ReceivedFrame> {
    const answer = handshakeAnswer.decode(frame);
    if (!answer.ok) return answer;
    const exchanged = this.#exchange(answer.value.ephemeralKey);
    if (!exchanged.ok) return exchanged;
    const proven = this.#prove(frame, answer.value.sealedProof);
    if (!proven.ok) return proven;
    const finish = this.#withProof((sealedProof) =>
      handshakeFinish.encode({ version: channelVersion, step: 3, sealedProof }),
    );
    this.#open(proven.value);
    return ok({ outgoing: [finish], plain: undefined, opened: true });
  }

  #takeFinish(frame: Uint8Array): Result<ReceivedFrame> {
    const finish = handshakeFinish.decode(frame);
    if (!finish.ok) return finish;
    const proven = this.#prove(frame, finish.value.sealedProof);
    if (!proven.ok) return proven;
    this.#open(proven.value);
    return ok({ ...nothing, opened: true });
  }

  #openFrame(frame: Uint8Array): Result<ReceivedFrame> {
    assert(this.#pull !== undefined, "a channel that is open can pull");
    const pulled = this.#pull.pull(frame);
    if (pulled === undefined) return fail("channel_frame_invalid");
    if (!pulled.final) return ok({ ...nothing, plain: pulled.plain });
    if (pulled.plain.length > 0) return fail("channel_frame_invalid", { detail: "the final frame holds something" });
    this.#state = this.#state === "open" ? "finished_there" : "closed";
    return ok(nothing);
  }

  /** A key that is our own is an echo; one of low order would give everyone the same keys. */
  #exchange(otherKey: Uint8Array): Result<void> {
    if (bytesEqual(otherKey, this.#ephemeral.publicKey))
      return fail("handshake_malformed", { detail: "our own ephemeral key came back" });
    this.#keys = sessionKeys(this.#options.role === "initiator" ? "client" : "server", this.#ephemeral, otherKey);
    wipe(this.#ephemeral.secretKey);
    return this.#keys === undefined ? fail("handshake_malformed", { detail: "an ephemeral key of low order" }) : done;
  }

  /** A message of ours that ends with our proof, which stands on everything before it, this message's head included. */
  #withProof(encode: (sealedProof: Uint8Array) => Uint8Array): Uint8Array {
    const head = headOf(encode(emptyProof));
    const message = encode(
      makeProof(this.#context(this.#options.role, [...this.#messages, head]), this.#options.identity, this.#ownHeader),
    );
    this.#messages.push(message);
    return message;
  }

  /** The other side's proof at the end of this message: does it hold, is it another than us, may it talk to us? */
  #prove(message: Uint8Array, sealedProof: Uint8Array): Result<Proven> {
    const { identity, role, authorize } = this.#options;
    const proven = checkProof(this.#context(otherRole(role), [...this.#messages, headOf(message)]), sealedProof);
    if (!proven.ok) return proven;
    if (bytesEqual(proven.value.publicKey, identity.publicKey)) return fail("handshake_self");
    if (!authorize(peerIdFromBytes(proven.value.publicKey))) return fail("not_member");
    this.#messages.push(message.slice());
    return proven;
  }

  #context(role: Role, messages: readonly Uint8Array[]): { role: Role; secret: Uint8Array; transcript: Uint8Array } {
    assert(this.#keys !== undefined, "keys are exchanged before proofs");
    const secret = role === this.#options.role ? this.#keys.send : this.#keys.receive;
    return { role, secret, transcript: transcriptOf(...messages) };
  }

  #open({ publicKey, streamHeader }: Proven): void {
    const { role } = this.#options;
    const pushKey = streamKey(this.#context(role, this.#messages));
    const pullKey = streamKey(this.#context(otherRole(role), this.#messages));
    this.#push = new PushStream(pushKey, this.#ownHeader);
    this.#pull = new PullStream(pullKey, streamHeader);
    wipe(pushKey);
    wipe(pullKey);
    this.#forgetHandshake();
    this.#remotePeer = peerIdFromBytes(publicKey);
    this.#state = "open";
  }

  #forgetHandshake(): void {
    wipe(this.#ephemeral.secretKey);
    if (this.#keys !== undefined) {
      wipe(this.#keys.send);
      wipe(this.#keys.receive);
    }
    this.#keys = undefined;
    this.#messages = [];
  }

  #die(): void {
    this.#forgetHandshake();
    this.#push?.wipe();
    this.#pull?.wipe();
    this.#state = "dead";
  }
}

const emptyProof = new Uint8Array(sealedProofBytes);

/** What comes before the sealed proof, which is the last field of its message. */
const headOf = (message: Uint8Array): Uint8Array => message.subarray(0, message.length - sealedProofBytes);
