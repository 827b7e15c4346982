/** Recordings: what a terminal would show is what the picture shows. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { replay } from "./terminal.ts";
import { terminalSvg } from "./terminal-svg.ts";

const test = suite("docs: terminal");
const texts = (lines: ReturnType<typeof replay>): string[] =>
  lines.map(({ spans }) => spans.map(({ text }) => text).join(""));

test("a bar that is drawn over stands for its time, the last one to the end", () => {
  const lines = replay([
    { atMs: 0, text: "one\r\n 10 %" },
    { atMs: 200, text: "\r 50 %" },
    { atMs: 400, text: "\r100 %\r\ntwo" },
  ]);
  assert.equal(texts(lines), [" 10 %", " 50 %", "one", "100 %", "two"]);
  assert.equal(
    lines.map(({ toMs }) => toMs),
    [200, 400, undefined, undefined, undefined],
  );
});

test("erasing, moving up, colours", () => {
  const lines = replay([{ atMs: 0, text: "long line\nb\u001b[1A\u001b[2K\r\u001b[32;1mok\u001b[0m done\n" }]);
  assert.equal(texts(lines), ["ok done", "b"]);
  assert.equal(lines[0]?.spans[0], { colour: 32, bold: true, dim: false, text: "ok" });
});

test("the picture holds every line, escaped, and ends well without animation", () => {
  const svg = terminalSvg(
    replay([
      { atMs: 0, text: "a < b" },
      { atMs: 200, text: "\rc & d" },
    ]),
    "demo",
  );
  assert.match(
    svg,
    'visibility="hidden">a &lt; b<set attributeName="visibility" to="visible" begin="loop.begin+0.00s" end="loop.begin+0.20s"/>',
  );
  assert.match(svg, ">c &amp; d<set");
});

test.run();
