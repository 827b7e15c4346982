/** Two ends of a channel and what lies between them: the tests carry each frame by hand, so they can spoil any. */
import * as assert from "uvu/assert";
import type { Identity } from "../../core/base/identity.ts";
import type { PeerId } from "../../core/base/ids.ts";
import { seededRandom } from "../../core/base/random.ts";
import type { Result } from "../../core/base/result.ts";
import { Channel, type ReceivedFrame } from "../../core/channel/index.ts";
import { createIdentity } from "../../core/crypto/index.ts";
import type { ErrorCode } from "../../core/errors.ts";

export interface PairOptions {
  readonly seed?: number;
  readonly initiator?: Identity;
  readonly responder?: Identity;
  readonly initiatorAuthorizes?: (peer: PeerId) => boolean;
  readonly responderAuthorizes?: (peer: PeerId) => boolean;
}

export interface Pair {
  readonly initiator: Channel;
  readonly responder: Channel;
  readonly identities: { readonly initiator: Identity; readonly responder: Identity };
}

export function channelPair(options: PairOptions = {}): Pair {
  const random = seededRandom(options.seed ?? 1);
  const identities = {
    initiator: options.initiator ?? createIdentity(random),
    responder: options.responder ?? createIdentity(random),
  };
  const everyone = (): boolean => true;
  const initiator = new Channel({
    role: "initiator",
    identity: identities.initiator,
    random,
    authorize: options.initiatorAuthorizes ?? everyone,
  });
  const responder = new Channel({
    role: "responder",
    identity: identities.responder,
    random,
    authorize: options.responderAuthorizes ?? everyone,
  });
  return { initiator, responder, identities };
}

/** Step 0, 1 or 2, and the message; what it returns is delivered instead. */
export type Spoil = (step: number, message: Uint8Array) => Uint8Array;

export interface Handshake {
  readonly messages: readonly Uint8Array[];
  /** By role, the code that its handshake ended with. */
  readonly initiatorError: ErrorCode | undefined;
  readonly responderError: ErrorCode | undefined;
}

/** Carries the three messages, as far as they come. */
export function shakeHands({ initiator, responder }: Pair, spoil: Spoil = (_, message) => message): Handshake {
  const messages: Uint8Array[] = [];
  const errors: { initiator?: ErrorCode; responder?: ErrorCode } = {};
  assert.is(responder.start(), undefined);
  let message = initiator.start();
  for (let step = 0; step < 3 && message !== undefined; step++) {
    messages.push(message);
    const toResponder = step !== 1;
    const result: Result<ReceivedFrame> = (toResponder ? responder : initiator).handleFrame(spoil(step, message));
    if (!result.ok) errors[toResponder ? "responder" : "initiator"] = result.error.code;
    else assert.is(result.value.plain, undefined);
    message = result.ok ? result.value.outgoing[0] : undefined;
  }
  return { messages, initiatorError: errors.initiator, responderError: errors.responder };
}

export function openPair(options: PairOptions = {}): Pair {
  const pair = channelPair(options);
  const { initiatorError, responderError } = shakeHands(pair);
  assert.is(initiatorError ?? responderError, undefined);
  return pair;
}

export function plainOf(result: Result<ReceivedFrame>): Uint8Array {
  if (!result.ok) throw result.error;
  assert.ok(result.value.plain);
  return result.value.plain;
}

export function codeOf(result: Result<unknown>): ErrorCode | undefined {
  return result.ok ? undefined : result.error.code;
}

/** What a call throws, by its code. */
export function codeThrown(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (thrown) {
    return (thrown as { code?: unknown }).code;
  }
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}
