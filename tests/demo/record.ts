/**
 * Records docs/demo.svg: `npx tsx tests/demo/record.ts`. The demo runs under a pseudo terminal, which script(1) of
 * util-linux provides, so what is drawn is what a person sees. Nothing is drawn when a check did not hold.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { Screen } from "./screen.ts";
import { renderSvg } from "./svg.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = fileURLToPath(new URL("../../docs/demo.svg", import.meta.url));
/** Fewer pictures a second than the terminal shows: the file stays small, the bar still moves. */
const lookMs = 250;
const timeoutMs = 120_000;

const { NO_COLOR: _noColor, ...environment } = process.env;
const command = "stty cols 80 rows 60; exec node --import tsx core/cli/demo.ts";
const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
  cwd: root,
  env: { ...environment, TERM: "xterm-256color" },
  stdio: ["ignore", "pipe", "inherit"],
});
const screen = new Screen();
let startedAtMs: number | undefined;
const sinceStartMs = (): number => (startedAtMs === undefined ? 0 : performance.now() - startedAtMs);

child.stdout.setEncoding("utf8").on("data", (text: string) => {
  startedAtMs ??= performance.now();
  // No path of this machine in the repository.
  screen.write(text.replaceAll(tmpdir(), "$TMPDIR"));
});
const looking = setInterval(() => screen.look(Math.round(sinceStartMs())), lookMs);
const overdue = setTimeout(() => child.kill("SIGTERM"), timeoutMs);
child.on("close", (code) => {
  clearInterval(looking);
  clearTimeout(overdue);
  screen.look(Math.round(sinceStartMs()));
  if (code !== 0) {
    console.error(`the demo ended with code ${code}: nothing is drawn`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(target, renderSvg(screen, "npm run demo"));
  console.log(`docs/demo.svg: ${screen.rowCount} rows, ${screen.versions.length} versions of them`);
});
