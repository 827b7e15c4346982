/** What is promised is tested, what is written is allowed to be there. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkGuarantees, checkSuites, checkVectors } from "./checks/coverage.ts";
import { checkTopLevel } from "./checks/top-level.ts";
import { checkWords } from "./checks/words.ts";
import { assertNone, readProject, sample } from "./project.ts";

const tidy = suite("tidy: coverage");
const files = readProject();

tidy("every event type has golden bytes", () => assertNone(checkVectors(files)));
tidy("every guarantee is named by a test, and every named one exists", () => assertNone(checkGuarantees(files)));
tidy("every suite runs, none hides its tests", () => assertNone(checkSuites(files)));
tidy("the top level holds what it may", () => assertNone(checkTopLevel(files)));
tidy("no machine paths, no registry addresses, no work left behind", () => assertNone(checkWords(files)));

tidy("found: an event type without vectors, a registry without types", () => {
  const type = { "events/file-moved.ts": "export const fileMovedType = 9;" };
  assert.is(checkVectors(sample(type)).length, 1);
  assert.is(checkVectors(sample({ ...type, "tests/vectors/file-moved.json": "{}" })).length, 0);
  assert.is(checkVectors(sample({ "events/envelope.ts": "export const a = 1;" })).length, 1);
});

tidy("found: a guarantee without a test, a test without its guarantee, a missing specification", () => {
  const promise = { "FOCUSED_FILE_SYNC.md": "**G-1** and **G-2**" };
  const test = (title: string) => ({ "tests/sync/a.test.ts": `it(${JSON.stringify(title)}, () => {});` });
  assert.is(checkGuarantees(sample({ ...promise, ...test("G-1, G-2: same bytes") })).length, 0);
  assert.is(checkGuarantees(sample({ ...promise, ...test("G-1: same bytes") })).length, 1);
  assert.is(checkGuarantees(sample({ ...promise, ...test("G-1, G-2 and G-33") })).length, 1);
  assert.is(checkGuarantees(sample({ ...promise, "tests/a.test.ts": "// G-1 G-2" })).length, 2);
  assert.is(checkGuarantees(sample({ ...promise, "tests/g-1-g-2.test.ts": "" })).length, 0);
  assert.is(checkGuarantees(sample(test("G-1"))).length, 1);
  assert.is(checkGuarantees(sample({ "FOCUSED_FILE_SYNC.md": "" })).length, 1);
});

tidy("found: suites that nobody runs, tests that are hidden", () => {
  const check = (text: string): number => checkSuites(sample({ "tests/a.test.ts": text })).length;
  assert.is(check(`const it = suite("a"); it("b", () => {}); it.run();\n`), 0);
  assert.is(check(`const it = suite("a"); it("b", () => {});`), 2);
  assert.is(check(`const a = suite("a"); const b = suite("b"); b.run();`), 1);
  assert.is(check(`const it = suite("a"); it.run(); it("b", () => {});`), 1);
  assert.is(check(`const it = suite("a"); it.only("b", () => {}); it.run();`), 1);
  assert.is(check(`const it = suite("a"); it.skip("b", () => {}); it.run();`), 1);
  assert.is(check(`const it = suite("a"); if (!here) it.skip("b", () => {}); it.run();`), 0);
});

tidy("found: a stranger at the top", () => {
  assert.is(checkTopLevel(sample({ "core/a.ts": "", "README.md": "", ".ci/run": "" })).length, 0);
  assert.is(checkTopLevel(sample({ "src/a.ts": "", "src/b.ts": "", "biome.json": "" })).length, 2);
});

tidy("found: words that must not be there", () => {
  const check = (text: string): number => checkWords(sample({ "docs/a.md": text })).length;
  // In pieces, because the check reads this file too.
  for (const line of [
    "// TO" + "DO later",
    "open('/ho" + "me/me/a')",
    "see /tm" + "p/a",
    "at C:\\\\Us" + "ers",
    `"resol` + `ved": "https://x"`,
    "https://regis" + "try.example.org/",
  ]) {
    assert.is(check(line), 1, line);
  }
  assert.is(check("https://example.org/home/page and core/work/a.ts and /dev/null"), 0);
});

tidy.run();
