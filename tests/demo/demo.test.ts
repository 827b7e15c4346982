/**
 * Goal: what `npm run demo` shows a person it also says to a machine, and its exit code can be believed. Method: the
 * demo itself, as a process, on real files of the checkout: one with a middle to stop in, one without.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("demo");
const demo = fileURLToPath(new URL("../../core/cli/demo.ts", import.meta.url));
const { resolve } = createRequire(import.meta.url);
/** 2.3 MB. */
const fileWithMiddle = resolve("typescript/lib/lib.dom.d.ts");
const smallFile = resolve("typescript/package.json");

interface Line {
  readonly act?: number;
  readonly check?: string;
  readonly ok: boolean;
  readonly figures?: Record<string, number | string>;
}

interface Run {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** `interruptAt`: Ctrl-C when a line with this is printed. */
function run(args: readonly string[], interruptAt?: string): Promise<Run> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ["--import", "tsx", demo, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (interruptAt !== undefined && output.includes(interruptAt)) child.kill("SIGINT");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("close", (code) => done({ code, lines: output.split("\n").filter((line) => line !== ""), errors }));
  });
}

const foldersLeft = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("focused-file-sync-demo-"));
const parse = (lines: readonly string[]): Line[] => lines.map((line) => JSON.parse(line) as Line);
const checksOf = (lines: readonly Line[]): string[] => lines.map(({ act, check }) => `${act} ${check}`);

test("a file with a middle: every check of the three acts holds, as JSON lines; no folder is left", async () => {
  const before = foldersLeft();
  const { code, lines, errors } = await run(["--json", fileWithMiddle]);
  assert.is(errors, "");
  const parsed = parse(lines);
  assert.equal(parsed.at(-1), { ok: true });
  assert.equal(checksOf(parsed.slice(0, -1)), [
    "1 paused_at_half",
    "1 nothing_arrives_while_paused",
    "1 complete_and_verified",
    "1 no_byte_twice",
    "1 same_sha256",
    "2 killed",
    "2 held_after_restart",
    "2 held_not_sent_again",
    "2 twice_only_in_flight",
    "3 slices_gone",
    "3 late_slices_refused",
  ]);
  assert.ok(parsed.every(({ ok }) => ok));
  const same = parsed.find(({ check }) => check === "same_sha256");
  assert.match(String(same?.figures?.["received"]), /^[0-9a-f]{64}$/);
  assert.is(code, 0);
  assert.equal(foldersLeft(), before);
});

test("a small file: it is fetched and verified, and the exit code says that the rest was not shown", async () => {
  const { code, lines } = await run(["--json", smallFile]);
  const parsed = parse(lines);
  assert.equal(checksOf(parsed.slice(0, -1)), ["1 complete_and_verified", "1 no_byte_twice", "1 same_sha256"]);
  assert.is(code, 2);
});

test("Ctrl-C in the middle: both processes and the folder are gone", async () => {
  const before = foldersLeft();
  const { code, lines } = await run([fileWithMiddle], " of 2.3 MB");
  assert.is(code, 130);
  assert.equal(foldersLeft(), before);
  const pids = [...lines.join(" ").matchAll(/process (\d+)/g)].map((match) => Number(match[1]));
  assert.is(pids.length, 2);
  for (const pid of pids) assert.not.ok(await isRunning(pid), `process ${pid} runs`);
});

test("no such file, a folder, an unknown option: said on stderr, exit code 2", async () => {
  for (const [args, said] of [
    [["no-such-file"], /ENOENT/],
    [["."], /is no file/],
    [["--fast"], /unknown option --fast/],
  ] as const) {
    const { code, lines, errors } = await run(args);
    assert.is(code, 2);
    assert.equal(lines, []);
    assert.match(errors, said);
  }
});

/** A killed process is gone when its parent or init has taken note: that may take a moment. */
async function isRunning(pid: number): Promise<boolean> {
  for (let looks = 0; looks < 40; looks++) {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return existsSync(`/proc/${pid}`);
}

test.run();
