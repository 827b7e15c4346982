/**
 * Records the demo into docs/demo.svg:  npx tsx tests/docs/record-demo.ts
 *
 * The demo runs in a pseudo-terminal (`script` of util-linux), so that it draws what a person sees. Not part of the tests:
 * a recording differs each time.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../tidy/project.ts";
import { replay, type Chunk } from "./terminal.ts";
import { terminalSvg } from "./terminal-svg.ts";

/** A bar is drawn up to ten times a second; a recording need not show each. */
const frameMs = 200;
const recordingMsMax = 300_000;
const columns = 96;

const child = spawn(
  "script",
  ["-qefc", `stty cols ${columns} rows 40; node --import tsx core/cli/demo.ts`, "/dev/null"],
  {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm-256color", NO_COLOR: undefined },
  },
);
const timer = setTimeout(() => child.kill(), recordingMsMax);
const startedMs = performance.now();
const chunks: { atMs: number; text: string }[] = [];
child.stdout.setEncoding("utf8").on("data", (text: string) => {
  const atMs = Math.floor((performance.now() - startedMs) / frameMs) * frameMs;
  const last = chunks[chunks.length - 1];
  if (last?.atMs === atMs) last.text += text;
  else chunks.push({ atMs, text });
});
child.on("close", (code) => {
  clearTimeout(timer);
  if (code === 0) {
    const first = chunks[0]?.atMs ?? 0;
    const shifted: Chunk[] = chunks.map(({ atMs, text }) => ({ atMs: atMs - first, text }));
    const picture = terminalSvg(replay(shifted), "npm run demo");
    // The folder for temporary files is this machine's own business.
    writeFileSync(join(root, "docs/demo.svg"), picture.replaceAll(join(tmpdir(), "/"), "…/"));
    console.log("docs/demo.svg written");
    return;
  }
  console.log(`the demo ended with code ${code}; nothing was written`);
  process.exitCode = 1;
});
