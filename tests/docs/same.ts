/** The claim of an example: `console.log(x); // → y`. */
import * as assert from "uvu/assert";

export function equal(actual: unknown, expected: unknown): void {
  assert.is(actual, expected);
}
