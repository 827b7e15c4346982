/** Golden bytes of every event type: tests/vectors/<event file>.json, readable by other implementations. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hexToBytes } from "../../core/base/bytes.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { decodeEvent, decodeFileSlice, eventTypes, verifyEvent } from "../../events/index.ts";
import { eventCases } from "../vectors/event-cases.ts";
import { assertGolden, readGolden } from "../vectors/golden-files.ts";
import { wireHex } from "../vectors/golden.ts";

const test = suite("events: vectors");
test.before(cryptoReady);

for (const [file, cases] of Object.entries(eventCases)) {
  test(`${file}: the bytes are what they always were`, () => {
    const made = cases();
    const stored = readGolden(file);
    assert.equal(
      made.map(({ name }) => name),
      stored.map(({ name }) => name),
    );
    for (const each of made) assertGolden(each, stored);
  });

  test(`${file}: the bytes in the file are one event that checks out`, () => {
    for (const each of readGolden(file)) {
      const bytes = hexToBytes(wireHex(each)) as Uint8Array;
      if (file === "file-slice") {
        assert.is(bytes.length, 512);
        assert.ok(decodeFileSlice(bytes).ok);
        continue;
      }
      const event = decodeEvent(bytes);
      assert.ok(event.ok && verifyEvent(event.value).ok, each.name);
      assert.is(event.ok && event.value.id, each.fields.find(({ field }) => field === "result.eventId")?.hex);
    }
  });
}

test("every event type of the registry is in a file, and file_slice beside them", () => {
  const names = [...eventTypes.values()].map(({ name }) => name.replaceAll("_", "-"));
  assert.equal(Object.keys(eventCases).sort(), [...names, "file-slice"].sort());
});

test.run();
