/** Every (state, call) pair of the channel does what its table says, on a real channel brought into that state. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { emptyBytes } from "../../core/base/bytes.ts";
import { type Channel, channelTable, type ChannelCall, type ChannelState } from "../../core/channel/index.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { channelPair, codeOf, codeThrown, openPair, type Pair } from "./pair.ts";

const test = suite("channel: states");
test.before(cryptoReady);

/** A channel in that state, and the frame that the other side would send next. */
interface Prepared {
  readonly channel: Channel;
  readonly nextFrame: Uint8Array;
}

const prepare: Readonly<Record<ChannelState, () => Prepared>> = {
  idle: () => ({ channel: channelPair().initiator, nextFrame: new Uint8Array(34) }),
  awaits_offer: () => {
    const { initiator, responder } = channelPair();
    return { channel: responder, nextFrame: initiator.start() as Uint8Array };
  },
  awaits_answer: () => {
    const { initiator, responder } = channelPair();
    return { channel: initiator, nextFrame: replyOf(responder, initiator.start() as Uint8Array) };
  },
  awaits_finish: () => {
    const { initiator, responder } = channelPair();
    return { channel: responder, nextFrame: replyOf(initiator, replyOf(responder, initiator.start() as Uint8Array)) };
  },
  open: () => opened(() => {}),
  finished_here: () => opened(({ initiator }) => initiator.finish()),
  finished_there: () =>
    opened(({ initiator, responder }) => initiator.handleFrame(responder.finish()), new Uint8Array(17)),
  closed: () =>
    opened(({ initiator, responder }) => {
      initiator.finish();
      initiator.handleFrame(responder.finish());
    }, new Uint8Array(17)),
  dead: () => opened(({ initiator }) => initiator.handleEnd()),
};

function opened(bring: (pair: Pair) => unknown, nextFrame?: Uint8Array): Prepared {
  const pair = openPair();
  bring(pair);
  return { channel: pair.initiator, nextFrame: nextFrame ?? pair.responder.seal(emptyBytes) };
}

function replyOf(channel: Channel, message: Uint8Array): Uint8Array {
  const result = channel.handleFrame(message);
  if (!result.ok) throw result.error;
  return result.value.outgoing[0] as Uint8Array;
}

const call: Readonly<Record<ChannelCall, (prepared: Prepared) => unknown>> = {
  start: ({ channel }) => codeThrown(() => channel.start()),
  frame: ({ channel, nextFrame }) => codeOf(channel.handleFrame(nextFrame)),
  seal: ({ channel }) => codeThrown(() => channel.seal(emptyBytes)),
  finish: ({ channel }) => codeThrown(() => channel.finish()),
  end: ({ channel }) => codeOf(channel.handleEnd()),
};

for (const [state, row] of Object.entries(channelTable)) {
  for (const [name, cell] of Object.entries(row)) {
    const outcome = "refused" in cell ? `refused with ${cell.refused}` : cell.action;
    test(`${state}, ${name}: ${outcome}`, () => {
      const prepared = prepare[state as ChannelState]();
      assert.is(prepared.channel.state, state);
      const code = call[name as ChannelCall](prepared);
      assert.is(code, "refused" in cell ? cell.refused : undefined);
      if ("refused" in cell) assert.is(prepared.channel.state, "dead");
      else assert.is.not(prepared.channel.state, "dead");
    });
  }
}

test.run();
