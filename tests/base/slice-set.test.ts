/** The bitmap against its plain twin, a Set<number>: whatever is done to both, they tell the same. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SliceSet, type Range } from "../../core/base/slice-set.ts";

const test = suite("base: slice-set");

type Step =
  | { readonly kind: "add" | "delete"; readonly n: number }
  | { readonly kind: "range"; readonly range: Range }
  | { readonly kind: "clear" };

const lengths = fc.integer({ min: 1, max: 70 });

const stepsOf = (length: number): fc.Arbitrary<Step[]> => {
  const n = fc.nat({ max: length - 1 });
  const range = fc
    .tuple(n, fc.nat({ max: length }))
    .map(([start, count]) => ({ start, count: Math.min(count, length - start) }));
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: n.map((n): Step => ({ kind: "add", n })) },
      { weight: 3, arbitrary: n.map((n): Step => ({ kind: "delete", n })) },
      { weight: 3, arbitrary: range.map((range): Step => ({ kind: "range", range })) },
      { weight: 1, arbitrary: fc.constant<Step>({ kind: "clear" }) },
    ),
    { maxLength: 60 },
  );
};

const sorted = (plain: ReadonlySet<number>): number[] => [...plain].sort((a, b) => a - b);

function plainRanges(plain: ReadonlySet<number>): Range[] {
  const ranges: { start: number; count: number }[] = [];
  for (const n of sorted(plain)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.start + last.count === n) last.count++;
    else ranges.push({ start: n, count: 1 });
  }
  return ranges;
}

/** Does a step to both and compares what they answer. */
function step(set: SliceSet, plain: Set<number>, action: Step): void {
  switch (action.kind) {
    case "add":
      assert.is(set.add(action.n), !plain.has(action.n));
      plain.add(action.n);
      break;
    case "delete":
      assert.is(set.delete(action.n), plain.delete(action.n));
      break;
    case "range": {
      const before = plain.size;
      for (let i = 0; i < action.range.count; i++) plain.add(action.range.start + i);
      assert.is(set.addRange(action.range), plain.size - before);
      break;
    }
    case "clear":
      set.clear();
      plain.clear();
      break;
  }
}

test("any steps: it holds what a plain set of numbers holds", () => {
  const property = fc.property(
    lengths.chain((length) => fc.tuple(fc.constant(length), stepsOf(length))),
    ([length, steps]) => {
      const set = new SliceSet(length);
      const plain = new Set<number>();
      for (const action of steps) {
        step(set, plain, action);
        assert.is(set.count, plain.size);
      }
      assert.equal([...set.values()], sorted(plain));
      assert.equal(set.ranges(), plainRanges(plain));
      assert.is(set.isFull, plain.size === length);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test("any set, asked from anywhere: the next missing and the next present are the nearest", () => {
  const property = fc.property(
    lengths.chain((length) => fc.tuple(fc.constant(length), stepsOf(length), fc.nat({ max: length + 3 }))),
    ([length, steps, from]) => {
      const set = new SliceSet(length);
      const plain = new Set<number>();
      for (const action of steps) step(set, plain, action);
      const all = Array.from({ length }, (_, n) => n).filter((n) => n >= from);
      assert.is(set.nextMissing(from), all.find((n) => !plain.has(n)) ?? length);
      assert.is(set.nextPresent(from), all.find((n) => plain.has(n)) ?? length);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test("the empty set of no numbers: full, and nothing is in it", () => {
  const set = new SliceSet(0);
  assert.ok(set.isFull);
  assert.equal(set.ranges(), []);
  assert.is(set.nextMissing(), 0);
  assert.not(set.has(0));
});

test("a number that is not of the set: asked about it says no, added it is our own mistake", () => {
  const set = new SliceSet(9);
  assert.not(set.has(9));
  assert.not(set.delete(100));
  assert.throws(() => set.add(9), /within the set/);
  assert.throws(() => set.add(-1), /within the set/);
  assert.throws(() => set.addRange({ start: 8, count: 2 }), /within the set/);
});

test.run();
