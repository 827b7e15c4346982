/** The formulas of section 3 against its worked numbers, and against the formula as it is written there. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileShape, plainBytesOf, sealedBytesOf, sliceCountOf, windowOf, windowRange } from "../../core/base/sizes.ts";
import { sliceBytes, sliceCountMax } from "../../core/limits.ts";

const test = suite("base: sizes");

const kB = 1000;
const miB = 1024 * 1024;

const shapes = [
  // bytes, slices, windows, slices a window, windows in use
  [0, 0, 1, 1, 0],
  [1, 1, 1, 1, 1],
  [449, 1, 1, 1, 1],
  [450, 1, 1, 1, 1],
  [451, 2, 1, 2, 1],
  [2 * kB, 5, 1, 5, 1],
  [100 * 450, 100, 1, 100, 1],
  [100 * 450 + 1, 101, 2, 51, 2],
  [450 * kB, 1000, 16, 63, 16],
  [5 * miB, 11_651, 128, 92, 127],
  [50 * miB, 116_509, 2048, 57, 2045],
  [184_320_000, 409_600, 4096, 100, 4096],
  [184_320_001, 409_601, 4096, 101, 4056],
  [2 ** 32 * 450, 2 ** 32, 4096, 2 ** 20, 4096],
] as const;

for (const [bytes, sliceCount, windowCount, slicesPerWindow, windowsInUse] of shapes) {
  test(`${bytes} bytes: ${sliceCount} slices in ${windowCount} windows`, () => {
    assert.is(sliceCountOf(bytes), sliceCount);
    assert.equal(fileShape(sliceCount), { sliceCount, windowCount, slicesPerWindow, windowsInUse });
  });
}

/** As the specification writes it: clamp(2^ceil(log2(ceil(sliceCount / 100))), 1, 4096). */
const windowCountAsWritten = (sliceCount: number): number =>
  Math.min(4096, Math.max(1, 2 ** Math.ceil(Math.log2(Math.ceil(sliceCount / 100)))));

const sliceCounts = fc.oneof(
  fc.integer({ min: 1, max: 20_000 }),
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.integer({ min: 1, max: sliceCountMax }),
);

test("any number of slices: the windows are as many as the formula says", () => {
  fc.assert(
    fc.property(sliceCounts, (count) => assert.is(fileShape(count).windowCount, windowCountAsWritten(count))),
    { numRuns: 1000 },
  );
});

test("any number of slices: each is in one window, and no window in use is empty", () => {
  const property = fc.property(sliceCounts, fc.nat(), (sliceCount, seed) => {
    const shape = fileShape(sliceCount);
    assert.ok(shape.windowsInUse <= shape.windowCount);
    const slice = seed % sliceCount;
    const range = windowRange(shape, windowOf(shape, slice));
    assert.ok(range.start <= slice && slice < range.start + range.count);
    const last = windowRange(shape, shape.windowsInUse - 1);
    assert.is(last.start + last.count, sliceCount);
    assert.ok(last.count > 0);
    assert.is(windowRange(shape, shape.windowsInUse).count, 0);
  });
  fc.assert(property, { numRuns: 1000 });
});

test("the last slice is padded: the plaintext bytes of all windows add up to the file", () => {
  const property = fc.property(fc.nat({ max: 3 * miB }), (fileBytes) => {
    const shape = fileShape(sliceCountOf(fileBytes));
    let total = 0;
    for (let window = 0; window < shape.windowsInUse; window++)
      total += plainBytesOf(windowRange(shape, window), fileBytes);
    assert.is(total, fileBytes);
  });
  fc.assert(property, { numRuns: 200 });
});

test("slice n is at byte n times 466, beyond 4 GB too", () => {
  assert.is(sealedBytesOf(0), 0);
  assert.is(sealedBytesOf(2 ** 32 - 1), (2 ** 32 - 1) * 466);
  assert.is(plainBytesOf({ start: 2 ** 32 - 1, count: 1 }, 2 ** 32 * sliceBytes), sliceBytes);
});

test.run();
