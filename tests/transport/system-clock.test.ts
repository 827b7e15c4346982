/** The real clock, and that a process ends by itself once everything is stopped. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../core/transport/system-clock.ts";

const test = suite("transport: system clock");

test("calls back once, in order of time, not before the delay has passed", async () => {
  const clock = systemClock();
  const calls: string[] = [];
  const startMs = performance.now();
  await new Promise<void>((resolve) => {
    for (const delayMs of [30, 1, 10]) {
      clock.schedule(delayMs, () => {
        assert.ok(performance.now() - startMs >= delayMs, `${delayMs} ms had passed`);
        calls.push(String(delayMs));
        if (delayMs === 30) resolve();
      });
    }
  });
  assert.equal(calls, ["1", "10", "30"]);
});

test("what is taken back is not called; taking it back twice or too late does nothing", async () => {
  const clock = systemClock();
  let calls = 0;
  const cancelEarly = clock.schedule(1, () => calls++);
  const cancelLate = clock.schedule(1, () => calls++);
  cancelEarly();
  cancelEarly();
  await new Promise((resolve) => setTimeout(resolve, 20));
  cancelLate();
  assert.is(calls, 1);
});

test("a delay beyond what a timer holds does not fire at once", async () => {
  const clock = systemClock();
  let calls = 0;
  const cancels = [2 ** 31, 2 ** 32 + 5, 1e12].map((delayMs) => clock.schedule(delayMs, () => calls++));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(calls, 0);
  for (const cancel of cancels) cancel();
});

/** Runs a script beside this file's folder in a process of its own; its exit code and output. */
function runChild(source: string): Promise<{ code: number | null; output: string }> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], { cwd: root });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  const killer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  return new Promise((resolve) => {
    child.once("close", (code) => {
      clearTimeout(killer);
      resolve({ code, output });
    });
  });
}

test("a process whose transports are stopped ends by itself; one that waits to dial again does not", async () => {
  const stopped = await runChild(`
    const { nodeWebSocketTransport, webSocketServer } = await import("./core/transport/web-socket-node.ts");
    const ends = { received() {}, drained() {}, closed() {} };
    const server = webSocketServer();
    let up;
    const both = new Promise((resolve) => { up = resolve; });
    await server.start(() => (up(), ends));
    const client = nodeWebSocketTransport({ connect: [server.address().url, "ws://127.0.0.1:1"] });
    await client.start(() => ends);
    await both;
    await client.stop();
    await server.stop();
    console.log("stopped");
  `);
  assert.match(stopped.output, "stopped");
  assert.is(stopped.code, 0, stopped.output);

  const waiting = await runChild(`
    const { nodeWebSocketTransport } = await import("./core/transport/web-socket-node.ts");
    const client = nodeWebSocketTransport({ connect: "ws://127.0.0.1:1" });
    await client.start(() => ({ received() {}, drained() {}, closed() {} }));
    setTimeout(() => process.exit(7), 1500).unref();
  `);
  assert.is(waiting.code, 7, waiting.output);
});

test.run();
