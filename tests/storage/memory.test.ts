import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { storageConformance } from "../../core/storage/conformance.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { SparseBytes } from "../../core/storage/sparse-bytes.ts";
import { memoryChunkBytes } from "../../core/limits.ts";

const conformance = suite("storage: memory");
storageConformance({ test: conformance, makeProvider: memoryStorage });
conformance.run();

const sparse = suite("storage: sparse bytes");

sparse("any writes, cuts and reads are those of a plain array", () => {
  const reach = 3 * memoryChunkBytes;
  const step = fc.record({
    kind: fc.constantFrom("write", "truncate", "read"),
    position: fc.oneof(fc.nat(reach), fc.constantFrom(0, memoryChunkBytes - 1, memoryChunkBytes, memoryChunkBytes + 1)),
    length: fc.oneof(fc.nat(40), fc.nat(2 * memoryChunkBytes)),
    fill: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const bytes = new SparseBytes();
      let plain = new Uint8Array(0);
      const resized = (size: number): Uint8Array<ArrayBuffer> => {
        const next = new Uint8Array(size);
        next.set(plain.subarray(0, size));
        return next;
      };
      for (const { kind, position, length, fill } of steps) {
        if (kind === "truncate") {
          bytes.truncate(position);
          plain = resized(position);
        } else if (kind === "write") {
          bytes.write(new Uint8Array(length).fill(fill), position);
          if (length > 0) plain = resized(Math.max(plain.length, position + length));
          plain.fill(fill, position, position + length);
        } else {
          const target = new Uint8Array(length);
          const count = bytes.read(target, position);
          const expected = plain.subarray(position, position + length);
          assert.is(count, expected.length);
          assert.is(Buffer.compare(target.subarray(0, count), expected), 0);
        }
        assert.is(bytes.size, plain.length);
      }
      const copy = bytes.copy();
      bytes.truncate(0);
      const all = new Uint8Array(copy.size);
      copy.read(all, 0);
      assert.is(Buffer.compare(all, plain), 0);
    }),
  );
});

sparse.run();
