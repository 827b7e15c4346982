/** Our own golden bytes, readable by an implementation in another language: tests/vectors/crypto.json. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex, hexToBytes } from "../../core/base/bytes.ts";
import { cryptoReady } from "../../core/crypto/index.ts";
import { cryptoCases, type Fields } from "../vectors/crypto-cases.ts";

const test = suite("crypto: vectors");
test.before(cryptoReady);

interface VectorCase {
  readonly name: string;
  readonly fields: readonly { readonly field: string; readonly hex: string; readonly remark: string }[];
}

const file = new URL("../vectors/crypto.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: VectorCase[] };

for (const { name, fields } of cases) {
  test(`${name}: the bytes are what they always were`, () => {
    const of: Fields = (field) => {
      const bytes = hexToBytes(fields.find((each) => each.field === field)?.hex ?? "none");
      if (bytes === undefined) throw new Error(`${name} has no field ${field}`);
      return bytes;
    };
    const results = cryptoCases[name]?.(of);
    assert.ok(results, "the case is known");
    for (const [field, bytes] of Object.entries(results ?? {}))
      assert.is(bytesToHex(bytes), bytesToHex(of(field)), field);
  });
}

test("every case of the code is in the file", () => {
  assert.equal(cases.map(({ name }) => name).sort(), Object.keys(cryptoCases).sort());
});

test.run();
