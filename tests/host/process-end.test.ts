/** After `close` nothing of ours keeps the process alive: no timer, no socket, no handle. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("host: process end");

const leaver = fileURLToPath(new URL("leaver.ts", import.meta.url));

interface Ending {
  readonly output: string;
  readonly code: number | null;
  /** From its last word to its end. */
  readonly lingeredMs: number;
}

function run(folder: string, mode: string): Promise<Ending> {
  const child = spawn(process.execPath, [...process.execArgv, leaver, folder, mode]);
  const limit = setTimeout(() => child.kill("SIGKILL"), 15_000);
  let output = "";
  let spokeAtMs = Number.POSITIVE_INFINITY;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => {
      output += text.toString();
      spokeAtMs = Date.now();
    });
  return new Promise((resolve) =>
    child.once("close", (code) => {
      clearTimeout(limit);
      resolve({ output, code, lingeredMs: Date.now() - spokeAtMs });
    }),
  );
}

for (const mode of ["--alone", "--crowd"]) {
  test(`a process that has closed its store (${mode.slice(2)}) ends by itself, and the lock is gone`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "file-sync-end-"));
    try {
      const { output, code, lingeredMs } = await run(folder, mode);
      assert.is(output, "closed closed\n");
      assert.is(code, 0);
      assert.ok(lingeredMs < 2000, `it lingered for ${lingeredMs} ms`);
      assert.equal(
        readdirSync(folder).filter((name) => name.includes("lock")),
        [],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test.run();
