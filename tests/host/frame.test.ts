/** Several messages in one frame: packed and taken apart again; what a peer got wrong is refused. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { concatBytes } from "../../core/base/bytes.ts";
import { FramePacker, unpackFrame } from "../../core/host/frame.ts";
import { framePlainBytesMax } from "../../core/limits.ts";

const test = suite("host: frame");

test("messages come out as they went in, empty ones too", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }), (messages) => {
      const packer = new FramePacker();
      for (const message of messages) assert.ok(packer.add(message));
      assert.is(packer.isEmpty, messages.length === 0);
      const unpacked = unpackFrame(concatBytes(...packer.take()));
      assert.ok(unpacked.ok && packer.isEmpty);
      assert.equal(
        unpacked.value.map((each) => each.slice()),
        messages,
      );
    }),
  );
});

test("a frame takes what fits to the byte, and not one byte more", () => {
  const packer = new FramePacker();
  assert.not.ok(packer.add(new Uint8Array(framePlainBytesMax - 3)));
  assert.ok(packer.isEmpty);
  assert.ok(packer.add(new Uint8Array(framePlainBytesMax - 8)));
  assert.not.ok(packer.add(new Uint8Array(1)));
  assert.ok(packer.add(new Uint8Array(0)));
  assert.is(concatBytes(...packer.take()).length, framePlainBytesMax);
});

test("a length that leads out of the frame is refused, wherever it stands", () => {
  for (const bad of [[0], [0, 0, 0], [0, 0, 0, 1], [255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 9, 1, 2]]) {
    const unpacked = unpackFrame(Uint8Array.from(bad));
    assert.ok(!unpacked.ok && unpacked.error.code === "message_malformed", bad.join(" "));
  }
});

test("any bytes at all: messages or a refusal, never a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const unpacked = unpackFrame(bytes);
      if (unpacked.ok)
        assert.is(
          unpacked.value.reduce((sum, each) => sum + 4 + each.length, 0),
          bytes.length,
        );
    }),
  );
});

test.run();
