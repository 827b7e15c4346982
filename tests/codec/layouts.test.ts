/** Every layout there is: random bytes are a value or an error with the layout's code, and nothing is thrown. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ErrorCode } from "../../core/errors.ts";
import type { Result } from "../../core/base/result.ts";
import { concatBytes } from "../../core/base/bytes.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { cacheLayout } from "../../core/log/cache.ts";
import { formatLayout } from "../../core/log/format.ts";
import { leavesFileLayout } from "../../core/log/slice-store.ts";
import { messageLayouts, messageTypes, type MessageName } from "../../core/sync/messages.ts";
import { eventTypes, fileSliceLayout, sealedPayloadLayout } from "../../events/index.ts";
import { envelopeLayout } from "../../events/envelope.ts";

const test = suite("codec: layouts");
test.before(cryptoReady);

interface AnyLayout {
  readonly name: string;
  readonly columns: object;
  decode(bytes: Uint8Array): Result<object>;
  encode(value: never): Uint8Array;
}

const layouts: readonly (readonly [AnyLayout, ErrorCode, readonly number[]])[] = [
  [envelopeLayout, "event_malformed", [1]],
  [sealedPayloadLayout, "event_malformed", []],
  [fileSliceLayout, "event_malformed", [1, 3]],
  [cacheLayout, "at_rest_damaged", [2]],
  [formatLayout, "store_not_ours", []],
  [leavesFileLayout, "at_rest_damaged", [1]],
  ...[...eventTypes.values()].map(({ layout }) => [layout as AnyLayout, "event_malformed", []] as const),
  ...Object.entries(messageLayouts).map(
    ([name, layout]) => [layout as AnyLayout, "message_malformed", [messageTypes[name as MessageName]]] as const,
  ),
];

for (const [layout, code, head] of layouts) {
  test(`${layout.name}: random bytes decode to what encodes to them again, or are refused as ${code}`, () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((tail) => concatBytes(Uint8Array.from(head), tail));
    fc.assert(
      fc.property(bytes, (bytes) => {
        const decoded = layout.decode(bytes);
        if (decoded.ok) assert.equal(layout.encode(decoded.value as never), bytes);
        else {
          assert.is(decoded.error.code, code);
          assert.match(decoded.error.message, layout.name);
        }
      }),
      { numRuns: 300 },
    );
  });
}

test("every column of every layout says what it is for", () => {
  for (const [layout] of layouts) {
    for (const [name, each] of Object.entries(layout.columns as Record<string, { remark: string }>)) {
      assert.ok(each.remark.length > 0, `${layout.name}.${name}`);
    }
  }
});

test.run();
