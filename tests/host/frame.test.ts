/** Several messages in one frame: packed and taken apart again; what a peer got wrong is refused. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { FramePacker, unpackFrame } from "../../core/host/frame.ts";
import { concatBytes } from "../../core/base/bytes.ts";
import {
  frameBytesMax,
  frameMessagesMax,
  framePadMultiple,
  framePlainBytesMax,
  nativeFrameBytesMin,
} from "../../core/limits.ts";

const test = suite("host: frame");

test("messages come out as they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 40 }), (messages) => {
      const packer = new FramePacker();
      for (const message of messages) assert.ok(packer.add(message, frameBytesMax));
      assert.is(packer.isEmpty, messages.length === 0);
      const unpacked = unpackFrame(packer.take());
      assert.ok(unpacked.ok && packer.isEmpty);
      assert.equal(
        unpacked.value.map((each) => each.slice()),
        messages,
      );
    }),
  );
});

test("a frame takes what fits, and not one byte more; longer ones are padded to what the cipher takes", () => {
  const packer = new FramePacker();
  const room = framePlainBytesMax - (framePlainBytesMax % framePadMultiple);
  assert.not.ok(packer.add(new Uint8Array(room - 3), frameBytesMax));
  assert.ok(packer.isEmpty);
  assert.ok(packer.add(new Uint8Array(room - 9).fill(7), frameBytesMax));
  assert.not.ok(packer.add(new Uint8Array(2), frameBytesMax));
  assert.ok(packer.add(Uint8Array.of(5), frameBytesMax));
  assert.is(packer.take().length, room);
  for (let odd = 0; odd < framePadMultiple; odd++) {
    assert.ok(packer.add(new Uint8Array(nativeFrameBytesMin + odd).fill(1), frameBytesMax));
    const taken = packer.take();
    assert.is(taken.length % framePadMultiple, 0);
    const unpacked = unpackFrame(taken);
    assert.ok(unpacked.ok && unpacked.value.length === 1 && unpacked.value[0]?.length === nativeFrameBytesMin + odd);
  }
  assert.ok(packer.add(new Uint8Array(3).fill(1), frameBytesMax));
  assert.is(packer.take().length, 7, "a short one is not");
});

test("a frame holds so many messages and no more, at either end", () => {
  const packer = new FramePacker();
  for (let i = 0; i < frameMessagesMax; i++) assert.ok(packer.add(Uint8Array.of(1), frameBytesMax));
  assert.not.ok(packer.add(Uint8Array.of(1), frameBytesMax));
  const full = packer.take().slice();
  const unpacked = unpackFrame(full);
  assert.ok(unpacked.ok && unpacked.value.length === frameMessagesMax);
  const [head, rest] = [Uint8Array.of(0, 0, 0, 1, 1), full.subarray(0, 5 * frameMessagesMax)];
  const refused = unpackFrame(concatBytes(head, rest));
  assert.ok(!refused.ok && refused.error.code === "message_malformed");
  assert.ok(packer.add(Uint8Array.of(1), frameBytesMax), "and the next one begins anew");
});

test("what was left in the packer by a call that ended badly does not go to the next peer", () => {
  const packer = new FramePacker();
  packer.add(Uint8Array.of(7, 7, 7), frameBytesMax);
  packer.clear();
  assert.ok(packer.isEmpty);
  packer.add(Uint8Array.of(1), frameBytesMax);
  assert.equal(packer.take(), Uint8Array.of(0, 0, 0, 1, 1));
});

test("what one frame left behind is not in the padding of the next", () => {
  const packer = new FramePacker();
  assert.ok(packer.add(new Uint8Array(nativeFrameBytesMin + 64).fill(255), frameBytesMax));
  packer.take();
  assert.ok(packer.add(new Uint8Array(nativeFrameBytesMin + 1).fill(255), frameBytesMax));
  assert.ok(unpackFrame(packer.take()).ok);
});

test("a length that leads out of the frame is refused, wherever it stands, and so is padding that is none", () => {
  const bads = [
    [0, 0, 1],
    [0, 0, 0, 1],
    [255, 255, 255, 255],
    [0, 0, 0, 0, 0, 0, 0, 9, 1, 2],
    [0, 0, 0, 0, 1],
    new Array<number>(framePadMultiple).fill(0),
  ];
  for (const bad of bads) {
    const unpacked = unpackFrame(Uint8Array.from(bad));
    assert.ok(!unpacked.ok && unpacked.error.code === "message_malformed", bad.join(" "));
  }
});

test("any bytes at all: messages and padding, or a refusal, never a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const unpacked = unpackFrame(bytes);
      if (!unpacked.ok) return;
      const used = unpacked.value.reduce((sum, each) => sum + 4 + each.length, 0);
      assert.ok(used <= bytes.length && bytes.length - used < framePadMultiple);
    }),
  );
});

test.run();
