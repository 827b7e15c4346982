/** The filter of what an asker holds: against a plain twin, its size, its false positives, its salt (G-6). */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId, PeerId } from "../../core/base/ids.ts";
import { seededRandom } from "../../core/base/random.ts";
import { cryptoReady, hash } from "../../core/crypto/index.ts";
import { filterBytesMax, filterHashes } from "../../core/limits.ts";
import { filterBytesOf, SaltedFilter } from "../../core/sync/bloom.ts";
import { fileFilterSalt, logFilterSalt } from "../../core/sync/salt.ts";

const test = suite("sync: bloom");
test.before(cryptoReady);

const asker = "a1".repeat(32) as PeerId;
const fileId = "f1".repeat(16) as FileId;
const saltOf = (round: number, window = 3): Uint8Array => fileFilterSalt(asker, fileId, window, round);

test("sizes: 64 bytes at least, 7.3 bits a slice, whole 8 bytes, at most what fits a message", () => {
  const sizes = [
    [1, 64],
    [57, 64],
    [70, 64],
    [71, 72],
    [100, 96],
    [200, 184],
    [2000, 1832],
    [57_000, 52_016],
  ] as const;
  for (const [capacity, bytes] of sizes) assert.is(filterBytesOf(capacity), bytes, `${capacity} slices`);
  assert.is(filterBytesOf(2 ** 20), filterBytesMax);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 58_000 }), (capacity) => {
      const bytes = filterBytesOf(capacity);
      assert.ok(bytes % 8 === 0 && bytes >= 64);
      assert.ok(8 * bytes >= Math.min(8 * filterBytesMax, 7.3 * capacity));
    }),
  );
});

/** The plain twin: the same indexes, in a Set of numbers, written from docs/WIRE_FORMAT.md with 64-bit integers. */
function twinIndexes(salt: Uint8Array, bits: number, element: number): number[] {
  const mix = (value: bigint): bigint => {
    let h = value & 0xffffffffn;
    h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & 0xffffffffn;
    h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & 0xffffffffn;
    return h ^ (h >> 16n);
  };
  const word = (i: number): bigint => BigInt(new DataView(salt.buffer, salt.byteOffset).getUint32(4 * i));
  const low = BigInt(element) & 0xffffffffn;
  const high = BigInt(element) >> 32n;
  const first = mix(mix(low ^ word(0)) ^ high ^ word(1));
  const step = mix(mix(low ^ word(2)) ^ high ^ word(3)) | 1n;
  return Array.from({ length: filterHashes }, (_, i) => {
    const at = (first + BigInt(i) * step) & 0xffffffffn;
    return Number((at * BigInt(bits)) >> 32n);
  });
}

test("any elements under any salt: the same bits as the plain twin, and nothing that was added is missing", () => {
  const elements = fc.uniqueArray(fc.nat({ max: 2 ** 48 - 1 }), { maxLength: 120 });
  const salts = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const property = fc.property(elements, salts, fc.nat({ max: 2 ** 48 - 1 }), (elements, salt, other) => {
    const filter = SaltedFilter.create(100, salt);
    const bits = 8 * filter.bytes.length;
    const twin = new Set<number>();
    for (const element of elements) {
      filter.add(element);
      for (const index of twinIndexes(salt, bits, element)) twin.add(index);
    }
    for (let bit = 0; bit < bits; bit++) {
      assert.is(((filter.bytes[bit >> 3] as number) >> (bit & 7)) & 1, twin.has(bit) ? 1 : 0, `bit ${bit}`);
    }
    for (const element of elements) assert.ok(filter.has(element));
    assert.is(
      filter.has(other),
      twinIndexes(salt, bits, other).every((index) => twin.has(index)),
    );
  });
  fc.assert(property);
});

test("full windows of 57 to 2,000 slices: at most 3.3 % false positives", () => {
  for (const slices of [57, 70, 71, 92, 100, 139, 500, 1000, 2000]) {
    let positives = 0;
    let asked = 0;
    const rounds = Math.ceil(200_000 / slices / 4);
    for (let round = 0; round < rounds; round++) {
      const filter = SaltedFilter.create(slices, saltOf(round));
      for (let n = 0; n < slices; n++) filter.add(n);
      for (let n = slices; n < 5 * slices; n++, asked++) if (filter.has(n)) positives++;
    }
    assert.ok(positives / asked <= 0.033, `${slices} slices: ${(100 * positives) / asked} %`);
  }
});

test("another round, window, asker or file withholds other slices", () => {
  const withheld = (salt: Uint8Array): string => {
    const filter = SaltedFilter.create(100, salt);
    for (let n = 0; n < 100; n++) filter.add(n);
    return Array.from({ length: 2000 }, (_, i) => 100 + i)
      .filter((n) => filter.has(n))
      .join(" ");
  };
  const others = [
    saltOf(2),
    saltOf(1, 4),
    fileFilterSalt("a2".repeat(32) as PeerId, fileId, 3, 1),
    fileFilterSalt(asker, "f2".repeat(16) as FileId, 3, 1),
    logFilterSalt(asker, 3, 1),
  ];
  const first = withheld(saltOf(1));
  assert.is(withheld(saltOf(1)), first);
  assert.is(new Set([first, ...others.map(withheld)]).size, 1 + others.length);
});

test("G-6: for 10,000 seeds of rounds a single missing slice is let through within 5 rounds", () => {
  const slices = 100;
  let slowest = 0;
  for (let seed = 0; seed < 10_000; seed++) {
    const random = seededRandom(seed);
    const missing = seed % slices;
    let rounds = 0;
    for (let isThrough = false; !isThrough && rounds < slices; rounds++) {
      const filter = SaltedFilter.create(slices, saltOf(random.u32()));
      for (let n = 0; n < slices; n++) if (n !== missing) filter.add(n);
      isThrough = !filter.has(missing);
    }
    slowest = Math.max(slowest, rounds);
  }
  assert.ok(slowest <= 5, `${slowest} rounds`);
});

test("from the wire: another size than the window's is refused, the right one gives the same answers", () => {
  const salt = saltOf(1);
  const made = SaltedFilter.create(92, salt);
  for (let n = 0; n < 50; n++) made.add(n);
  const opened = SaltedFilter.open(made.bytes.slice(), 92, salt);
  for (let n = 0; n < 92; n++) assert.is(opened.ok && opened.value.has(n), made.has(n));
  for (const bytes of [0, 1, 64, made.bytes.length - 1, made.bytes.length + 1, 100_000]) {
    const refused = SaltedFilter.open(new Uint8Array(bytes), 92, salt);
    assert.is(refused.ok ? "ok" : refused.error.code, "filter_size_invalid", `${bytes} bytes`);
  }
});

test("a salt is BLAKE2b-128 of who asks for what in which round", () => {
  const parts = Buffer.concat([
    Buffer.from(asker, "hex"),
    Buffer.from(fileId, "hex"),
    Buffer.from("0000000300000001", "hex"),
  ]);
  assert.equal(saltOf(1), hash("focused-file-sync filter 1", 16, parts));
});

test.run();
