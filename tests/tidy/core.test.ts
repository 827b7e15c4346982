/** No hands in the core (`checks/pure-core.ts`), and functions and files that can be read. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkPureCore } from "./checks/pure-core.ts";
import { checkSizes } from "./checks/sizes.ts";
import { assertNone, readProject, sample } from "./project.ts";

const tidy = suite("tidy: core");
const files = readProject();

tidy("layers 1 to 7 read no clock, draw no randomness, set no timer, await nothing", () =>
  assertNone(checkPureCore(files)),
);
tidy("functions and files have a readable size", () => assertNone(checkSizes(files)));

tidy("found: every way to reach for time, chance or a promise", () => {
  const uses = [
    "Date.now()",
    "new Date()",
    "globalThis.performance.now()",
    "Math.random()",
    "crypto.getRandomValues(a)",
    "globalThis.crypto.randomUUID()",
    "setTimeout(f, 1)",
    "globalThis.setInterval(f, 1)",
    "queueMicrotask(f)",
    "async () => {}",
    "await f",
  ];
  for (const use of uses) {
    assert.is(checkPureCore(sample({ "core/sync/a.ts": `export const a = ${use};` })).length, 1, use);
    assert.is(checkPureCore(sample({ "core/host/a.ts": `export const a = ${use};` })).length, 0, use);
  }
  assert.is(checkPureCore(sample({ "events/a.ts": "for await (const a of b) c();" })).length, 1);
});

tidy("passed: words in comments and texts, dates of a given time, the listed exceptions", () => {
  const fine = `// await Date.now()\nexport const a = "setTimeout"; export const b = new Date(nowMs);`;
  assert.is(checkPureCore(sample({ "core/sync/a.ts": fine })).length, 0);
  assert.is(checkPureCore(sample({ "core/base/random.ts": "crypto.getRandomValues(a);" })).length, 0);
  assert.is(checkPureCore(sample({ "core/base/random.ts": "Math.random();" })).length, 1);
});

const body = (lines: number): string => "  x();\n".repeat(lines);

tidy("found: a function over 70 lines; in tests only its own lines count", () => {
  assert.is(checkSizes(sample({ "core/file/a.ts": `function a() {\n${body(68)}}\n` })).length, 0);
  assert.is(checkSizes(sample({ "core/file/a.ts": `function a() {\n${body(69)}}\n` })).length, 1);
  assert.is(checkSizes(sample({ "core/file/a.ts": `class A {\n b = () => {\n${body(69)}}\n}\n` })).length, 1);
  const suiteOf = `function a() {\n it(() => {\n${body(40)}});\n it(() => {\n${body(40)}});\n}\n`;
  assert.is(checkSizes(sample({ "core/file/a.ts": suiteOf })).length, 1);
  assert.is(checkSizes(sample({ "tests/a.ts": suiteOf })).length, 0);
});

tidy("found: a file over 500 lines, one over 300 that does not say why", () => {
  const why = "/** A file. Why so long: it is one table. */\n";
  assert.is(checkSizes(sample({ "core/file/a.ts": body(300) })).length, 0);
  assert.is(checkSizes(sample({ "core/file/a.ts": body(301) })).length, 1);
  assert.is(checkSizes(sample({ "core/file/a.ts": why + body(301) })).length, 0);
  assert.is(checkSizes(sample({ "core/file/a.ts": why + body(500) })).length, 1);
});

tidy.run();
