/** Frames after the handshake: all of them, in order, once, whole, or a named error and nothing more. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, emptyBytes, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { frameBytesMax, framePlainBytesMax, streamOverheadBytes } from "../../core/limits.ts";
import { channelPair, codeOf, codeThrown, flipBit, openPair, plainOf, shakeHands } from "./pair.ts";

const test = suite("channel: frames");
test.before(cryptoReady);

test("1,000 frames of random sizes, both ways: what came is what was sent", () => {
  const random = seededRandom(1000);
  const { initiator, responder } = openPair();
  for (let i = 0; i < 1000; i++) {
    const [from, to] = random.u32() % 2 === 0 ? [initiator, responder] : [responder, initiator];
    // Small ones mostly; every tenth anything up to the largest.
    const size = random.u32() % (i % 10 === 0 ? framePlainBytesMax + 1 : 600);
    const plain = random.bytes(size);
    const frame = from.seal(plain);
    assert.is(frame.length, size + streamOverheadBytes);
    assert.ok(Buffer.compare(plainOf(to.handleFrame(frame)), plain) === 0);
  }
});

test("the empty frame and the largest go through; one byte more asserts here and is refused there", () => {
  const { initiator, responder } = openPair();
  assert.is(plainOf(responder.handleFrame(initiator.seal(emptyBytes))).length, 0);
  const largest = initiator.seal(new Uint8Array(framePlainBytesMax));
  assert.is(largest.length, frameBytesMax);
  assert.is(plainOf(responder.handleFrame(largest)).length, framePlainBytesMax);
  assert.throws(() => initiator.seal(new Uint8Array(framePlainBytesMax + 1)), /fits a frame/);
  assert.is(codeOf(responder.handleFrame(new Uint8Array(frameBytesMax + 1))), "frame_too_large");
});

test("the initiator may speak at once, in the same breath as its last handshake message", () => {
  const pair = channelPair();
  const early: Uint8Array[] = [];
  shakeHands(pair, (step, message) => {
    if (step === 2) early.push(pair.initiator.seal(utf8Encode("early")));
    return message;
  });
  assert.equal(plainOf(pair.responder.handleFrame(early[0] as Uint8Array)), utf8Encode("early"));
});

const plains = ["one", "two", "three"].map(utf8Encode);
const spoilt: Record<string, (frames: readonly Uint8Array[]) => Uint8Array> = {
  replayed: (frames) => frames[0] as Uint8Array,
  "reordered, or one dropped": (frames) => frames[2] as Uint8Array,
  "cut by a byte": (frames) => (frames[1] as Uint8Array).subarray(0, -1),
  "cut to less than its overhead": (frames) => (frames[1] as Uint8Array).subarray(0, streamOverheadBytes - 1),
  empty: () => new Uint8Array(0),
  "longer by a byte": (frames) => concatBytes(frames[1] as Uint8Array, new Uint8Array(1)),
  "two in one": (frames) => concatBytes(frames[1] as Uint8Array, frames[2] as Uint8Array),
};

for (const [what, spoil] of Object.entries(spoilt)) {
  test(`a frame ${what}: channel_frame_invalid, and the channel is dead both ways`, () => {
    const { initiator, responder } = openPair();
    const frames = plains.map((plain) => initiator.seal(plain));
    assert.equal(plainOf(responder.handleFrame(frames[0] as Uint8Array)), plains[0]);
    assert.is(codeOf(responder.handleFrame(spoil(frames))), "channel_frame_invalid");
    assert.is(responder.state, "dead");
    assert.is(codeOf(responder.handleFrame(frames[1] as Uint8Array)), "channel_closed");
    assert.is(
      codeThrown(() => responder.seal(emptyBytes)),
      "channel_closed",
    );
    assert.is(
      codeThrown(() => responder.finish()),
      "channel_closed",
    );
    assert.is(codeOf(responder.handleEnd()), "channel_closed");
  });
}

test("every bit of a frame flipped: channel_frame_invalid", () => {
  for (let bit = 0; bit < (plains[0] as Uint8Array).length * 8 + streamOverheadBytes * 8; bit++) {
    const { initiator, responder } = openPair();
    const frame = initiator.seal(plains[0] as Uint8Array);
    assert.is(codeOf(responder.handleFrame(flipBit(frame, bit))), "channel_frame_invalid");
  }
});

test("a frame given back to its sender, or of another channel of the same two: channel_frame_invalid", () => {
  const first = openPair({ seed: 1 });
  assert.is(codeOf(first.initiator.handleFrame(first.initiator.seal(utf8Encode("echo")))), "channel_frame_invalid");
  const { identities } = first;
  const second = openPair({ seed: 2, ...identities });
  assert.is(
    codeOf(second.responder.handleFrame(openPair({ seed: 3, ...identities }).initiator.seal(emptyBytes))),
    "channel_frame_invalid",
  );
});

test("equal frames look different, and no plaintext is in them", () => {
  const { initiator } = openPair();
  const plain = utf8Encode("a slice of something known");
  const [a, b] = [initiator.seal(plain), initiator.seal(plain)];
  assert.is.not(Buffer.compare(a, b), 0);
  assert.is(Buffer.from(concatBytes(a, b)).indexOf(plain), -1);
});

test("both finish: each hears of the other's end, in order", () => {
  const { initiator, responder } = openPair();
  const last = initiator.seal(utf8Encode("last"));
  const final = initiator.finish();
  assert.is(initiator.state, "finished_here");
  assert.equal(plainOf(responder.handleFrame(last)), utf8Encode("last"));
  assert.equal(responder.handleFrame(final), { ok: true, value: { outgoing: [], plain: undefined, opened: false } });
  assert.is(responder.state, "finished_there");
  // Half closed: the other side may still speak.
  assert.equal(plainOf(initiator.handleFrame(responder.seal(utf8Encode("late")))), utf8Encode("late"));
  assert.ok(initiator.handleFrame(responder.finish()).ok);
  for (const channel of [initiator, responder]) {
    assert.is(channel.state, "closed");
    assert.ok(channel.handleEnd().ok);
    assert.ok(channel.handleEnd().ok);
  }
});

test("the end without a final frame: channel_cut, before the first frame as after the last", () => {
  for (const count of [0, 1, 5]) {
    const { initiator, responder } = openPair();
    for (let i = 0; i < count; i++) plainOf(responder.handleFrame(initiator.seal(utf8Encode(`${i}`))));
    assert.is(codeOf(responder.handleEnd()), "channel_cut");
    assert.is(codeOf(responder.handleEnd()), "channel_closed");
  }
  const { initiator } = openPair();
  initiator.finish();
  assert.is(codeOf(initiator.handleEnd()), "channel_cut");
});

test("the final frame dropped, forged or followed by another: found", () => {
  const dropped = openPair();
  dropped.initiator.finish();
  assert.is(codeOf(dropped.responder.handleEnd()), "channel_cut");
  const forged = openPair();
  assert.is(codeOf(forged.responder.handleFrame(new Uint8Array(streamOverheadBytes))), "channel_frame_invalid");
  const followed = openPair();
  const frame = followed.initiator.finish();
  assert.ok(followed.responder.handleFrame(frame).ok);
  assert.is(codeOf(followed.responder.handleFrame(frame)), "channel_frame_invalid");
});

test.run();
