/** The golden bytes as the files have them, and that what is made is the same. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import type { GoldenCase } from "./golden.ts";

export function readGolden(name: string): GoldenCase[] {
  const text = readFileSync(new URL(`${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: GoldenCase[] }).cases;
}

/** The bytes are what they always were: same fields in the same order, each with the same bytes and some remark. */
export function assertGolden(actual: GoldenCase, file: readonly GoldenCase[]): void {
  const expected = file.find(({ name }) => name === actual.name);
  assert.ok(expected, `${actual.name} is in the file`);
  assert.equal(
    actual.fields.map(({ field }) => field),
    expected?.fields.map(({ field }) => field),
  );
  actual.fields.forEach(({ field, hex }, i) => {
    assert.is(hex, expected?.fields[i]?.hex, `${actual.name}: ${field}`);
    assert.ok((expected?.fields[i]?.remark ?? "").length > 0, `${field} has a remark`);
  });
}
