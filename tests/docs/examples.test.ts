/** The examples of the documents are true: each is type-checked against the sources and run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileProblems, moduleText, runExample, writeExamples } from "./examples.ts";
import { closeAll } from "./preamble.ts";

/** No example takes a second; one that hangs says so. */
const exampleMsMax = 20_000;

const test = suite("docs: examples");
const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-examples-"));
const examples = ["README.md", "FOCUSED_FILE_SYNC.md"].flatMap((document) => writeExamples(document, folder));

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("there are examples, and they type-check", () => {
  assert.ok(examples.length > 20, `${examples.length} examples`);
  assert.is(compileProblems(examples.map(({ path }) => path)).join("\n"), "");
});

test("found: a claim that does not hold, a call that does not type-check", async () => {
  const path = join(folder, "false.mts");
  writeFileSync(path, moduleText(undefined, "console.log(1 + 1); // → 3\n"));
  const thrown = await runExample({ title: "false", path }).catch((error: unknown) => error);
  assert.ok(thrown instanceof assert.Assertion);
  writeFileSync(
    path,
    moduleText(undefined, 'import { memoryStorage } from "focused-file-sync";\nmemoryStorage().shut();\n'),
  );
  assert.is(compileProblems([path]).length, 1);
});

for (const example of examples) {
  test(`${example.title} runs, and what it claims holds`, async () => {
    const log = console.log;
    console.log = () => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took over ${exampleMsMax} ms`)), exampleMsMax);
    });
    try {
      await Promise.race([runExample(example), late]);
    } finally {
      clearTimeout(timer);
      console.log = log;
      await closeAll();
    }
  });
}

test.run();
