/**
 * The runner itself, on small files in a folder of their own: each of the ways in which a uvu file can look well and be
 * none must count as a failure. Without this, a suite that tests nothing would stay green for ever.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSummary, tallyLine } from "./uvu-summary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const head = `import { suite } from "uvu"; const it = suite("sample");\n`;

const runner = suite("runner");

/** Runs the runner over one file with this text; gives its exit code and its last line. */
function run(text: string, ...args: string[]): { code: number | null; last: string; all: string } {
  const folder = mkdtempSync(join(tmpdir(), "runner-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "tests"));
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    writeFileSync(join(folder, "tests", "sample.test.ts"), text);
    const ran = spawnSync(
      process.execPath,
      ["--import", "tsx", "tests/run.ts", `--folder=${join(folder, "tests")}`, ...args],
      { cwd: root, encoding: "utf8" },
    );
    return { code: ran.status, last: ran.stdout.trimEnd().split("\n").at(-1) ?? "", all: ran.stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

runner("what passes is counted, what is skipped is told apart", () => {
  const { code, last } = run(`${head} it("a", () => {}); it.skip("b", () => {}); it.run();`);
  assert.is(last, "1 passed, 0 failed, 1 skipped");
  assert.is(code, 0);
});

runner("a failure is counted and its output shown", () => {
  const { code, last, all } = run(
    `${head} it("a", () => {}); it("b", () => { throw new Error("broke here"); }); it.run();`,
  );
  assert.is(last, "1 passed, 1 failed");
  assert.is(code, 1);
  assert.match(all, "broke here");
});

runner("a file that forgets to run its suite fails", () => {
  const { code, last, all } = run(`${head} it("a", () => {});`);
  assert.is(last, "0 passed, 1 failed");
  assert.is(code, 1);
  assert.match(all, "does the file end in");
});

runner("a suite without tests fails", () => {
  assert.is(run(`${head} it.run();`).last, "0 passed, 1 failed");
});

runner("a promise that never settles fails", () => {
  const { code, last } = run(`${head} it("a", () => {}); it("b", () => new Promise(() => {})); it.run();`);
  assert.is(last, "0 passed, 1 failed");
  assert.is(code, 1);
});

runner("a crash after the summary is one failure more", () => {
  const { last } = run(`${head} it("a", () => {}); it.run(); setTimeout(() => { throw new Error("late"); }, 300);`);
  assert.is(last, "1 passed, 1 failed");
});

runner("a file that does not end is killed, and so is what it started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runner-beat-"));
  const beat = join(folder, "beat");
  // Not "is the process there": a killed one stays listed until its parent takes notice.
  const text = `import { spawn } from "node:child_process";
    spawn("sh", ["-c", "while :; do echo x >> '${beat}'; sleep 0.1; done"]);
    setInterval(() => {}, 1000);`;
  const { last, all } = run(text, "--timeout-ms=1500");
  assert.is(last, "0 passed, 1 failed");
  assert.match(all, "was killed");
  const beats = statSync(beat).size;
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.is(statSync(beat).size, beats);
  rmSync(folder, { recursive: true });
});

runner("words that match nothing, and unknown options, fail", () => {
  assert.is(run(`${head} it("a", () => {}); it.run();`, "no-such-file").last, "0 passed, 1 failed");
  assert.is(run(`${head} it("a", () => {}); it.run();`, "--nod=x").last, "0 passed, 1 failed");
});

runner("of several summaries the last one counts", () => {
  const summary = (total: number, passed: number): string =>
    `  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   2\n`;
  assert.equal(readSummary(`${summary(9, 9)}\n${summary(3, 1)}`), { passed: 1, failed: 2, skipped: 2 });
  assert.is(readSummary("nothing"), undefined);
  assert.is(tallyLine({ passed: 1, failed: 0, skipped: 0 }), "1 passed, 0 failed");
});

runner.run();
