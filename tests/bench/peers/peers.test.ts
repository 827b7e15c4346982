/** What the comparison makes of its runs, and what its documents show. Nothing here needs the peers' packages. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../build.ts";
import { parseArguments } from "./arguments.ts";
import { chosenRuns, seconds, secondsAfterSetup, timesOurs } from "./comparison.ts";
import { contenders, ourName } from "./contenders.ts";
import { diskBytesOf, flushTree } from "./disk.ts";
import { longText, printedDocuments, withPrinted } from "./documents.ts";
import { judgeGoals } from "./goals.ts";
import { jsonLines, shortTable } from "./report.ts";
import { resumeText } from "./resume-report.ts";
import { appendRun, beginResults, readResults } from "./results.ts";
import { sampleResults, sampleRun, sampleSession } from "./sample.ts";
import { isNoisy } from "./system-load.ts";

const test = suite("bench: peers");
const theirs = "hyperdrive-encrypted";

test("a ratio is taken within a round: a slow round of both changes nothing", () => {
  const results = sampleResults([
    ...[1, 10, 1].map((time, i) => sampleRun(ourName, i + 1, { seconds: time })),
    ...[2, 20, 3].map((time, i) => sampleRun(theirs, i + 1, { seconds: time, setupSeconds: 1 })),
  ]);
  assert.equal(timesOurs(results, theirs, 50, seconds), { median: 2, min: 2, max: 3, runs: 3 });
  assert.is(timesOurs(results, theirs, 50, secondsAfterSetup)?.median, 1.9);
  assert.is(timesOurs(results, "helia", 50, seconds), undefined);
});

test("a round in which one of the two failed has no ratio", () => {
  const results = sampleResults([sampleRun(ourName, 1), sampleRun(theirs, 1), sampleRun(theirs, 2, { seconds: 9 })]);
  assert.is(timesOurs(results, theirs, 50, seconds)?.runs, 1);
});

test("of the attempts of a round the undisturbed one counts, or the least disturbed", () => {
  const noisy = (round: number, attempt: number, foreignCpuSeconds: number) =>
    sampleRun(ourName, round, { attempt, foreignCpuSeconds, isNoisy: true });
  const results = sampleResults([
    noisy(1, 1, 0.2),
    sampleRun(ourName, 1, { attempt: 2, foreignCpuSeconds: 0.01 }),
    noisy(2, 1, 0.9),
    noisy(2, 2, 0.3),
    noisy(2, 3, 0.5),
  ]);
  assert.equal(
    chosenRuns(results, ourName, 50).map(({ attempt }) => attempt),
    [2, 2],
  );
  assert.match(shortTable(results), /1 of 2 runs were disturbed/);
});

test("disturbed is what others worked during a run, more of it in a longer one", () => {
  assert.not.ok(isNoisy(0.1, 0.05));
  assert.ok(isNoisy(0.1, 0.1));
  assert.not.ok(isNoisy(5, 0.5));
});

test("a goal is met or missed by its ratio, and told without the other's setup as well", () => {
  const results = (time: number) =>
    sampleResults([sampleRun(ourName, 1), sampleRun(theirs, 1, { seconds: time, setupSeconds: 0.3 })]);
  const fetched = (time: number) => judgeGoals(results(time)).find(({ text }) => text.includes("fetch: Hyperdrive"));
  assert.is(fetched(1.5)?.isMet, true);
  assert.match(fetched(1.5)?.text ?? "", /1\.50, goal at least 1\.5: met \(without its setup 1\.20: missed\)$/);
  assert.is(fetched(1.4)?.isMet, false);
});

test("a goal of a size or a peer that did not run is not judged", () => {
  assert.equal(judgeGoals(sampleResults([sampleRun(ourName, 1)])), []);
});

test("memory is that of the larger side", () => {
  const run = sampleRun(ourName, 1, { sizeMiB: 500, senderPeakRssBytes: 121e6 });
  assert.match(judgeGoals(sampleResults([run]))[0]?.text ?? "", /121\.00, goal at most 120: missed/);
});

test("the table says who encrypts nothing, and gives times against ours", () => {
  const text = shortTable(
    sampleResults([sampleRun(ourName, 1), sampleRun("webtorrent", 1, { seconds: 2.5 }), sampleRun(theirs, 1)]),
  );
  assert.match(text, /^\| \*\*focused-file-sync\*\* \| 1\.00 s \| 0\.500 s \| 100 \/ 90 MB \| 2\.0 % \|$/m);
  assert.match(text, /^\| WebTorrent, one direct peer, not encrypted \| 2\.50 s \(2\.5 ×\) \|/m);
  assert.match(text, /^\| Hyperdrive over Noise \| 1\.00 s \(1\.0 ×\) \|/m);
  assert.not.match(text, /others used loopback/);
});

test("bytes that others may have sent are not told as ours", () => {
  const text = shortTable(sampleResults([sampleRun(ourName, 1)], { isAlone: false }));
  assert.match(text, /100 \/ 90 MB \|  \|$/m);
  assert.match(text, /others used loopback/);
});

test("after a kill all bytes count, those before it too", () => {
  const mebibyte = 1024 * 1024;
  const resume = { killedAt: 0.5, firstWireBytes: 26 * mebibyte, keptDiskBytes: 25 * mebibyte };
  const results = sampleResults([sampleRun(ourName, 1, { resume, wireBytes: 25 * mebibyte })], { killAt: 0.5 });
  const whole = sampleResults([sampleRun(ourName, 1, { wireBytes: 50.5 * mebibyte })]);
  const text = resumeText(results, whole);
  assert.match(text, /\| 50\.0 % \| 50\.0 % \| 102\.0 % \| 102\.0 % to 102\.0 % \| 1\.0 % \|/);
  assert.match(text, /sent again after a kill: 1\.0 %, goal at most 1\.0 %/);
  assert.not.match(resumeText(results, undefined), /goal/);
  assert.equal(JSON.parse(jsonLines(results)[0] ?? ""), {
    figure: "ours/sent/50MiB",
    unit: "x file",
    median: 1.02,
    min: 1.02,
    max: 1.02,
    runs: 1,
  });
});

test("results are read back as they were written, failed runs apart", () => {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-peers-test-"));
  try {
    const path = join(folder, "results.jsonl");
    beginResults(path, sampleSession);
    appendRun(path, sampleRun(ourName, 1, { seconds: 0.123456789 }));
    appendRun(path, { round: 1, attempt: 1, peer: "helia", sizeMiB: 50, error: "receiver ended (1)" });
    const results = readResults(path);
    assert.equal(results.session, sampleSession);
    assert.equal(results.runs, [sampleRun(ourName, 1, { seconds: 0.123457 })]);
    assert.is(results.failed[0]?.error, "receiver ended (1)");
    assert.match(shortTable(results), /1 runs failed/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("options are read, and wrong ones told by name", () => {
  const read = parseArguments(["--sizes=50,5", "--rounds=2", "--peers=ours,tus", "--kill-at=0.5", "--json"]);
  const expected = { sizesMiB: [5, 50], rounds: 2, peers: ["ours", "tus"], killAt: 0.5, isJson: true };
  for (const [name, value] of Object.entries(expected)) assert.equal(read[name as keyof typeof read], value, name);
  const wrong = [
    "--sizes=0",
    "--sizes=5,",
    "--rounds=0",
    "--peers=nobody",
    "--kill-at=1",
    "--quiet=-1",
    "--attempts=0",
  ];
  for (const word of [...wrong, "--fast"]) {
    const problem = parseArguments([word]);
    assert.ok("problem" in problem && problem.problem.includes(word.split("=")[0] ?? ""), word);
  }
  assert.ok("problem" in parseArguments(["--write", "--library=other"]));
});

test("every contender has a script", () => {
  for (const { name } of contenders) {
    assert.ok(existsSync(fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))), name);
  }
});

test("the versions of the packages are exact, and no address is among them", () => {
  const text = readFileSync(fileURLToPath(new URL("packages/package.json", import.meta.url)), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  for (const [name, version] of Object.entries(dependencies))
    assert.match(version, /^\d+\.\d+\.\d+$|^file:stubs\//, name);
  const named = contenders.flatMap(({ packages }) => packages);
  assert.equal(
    named.filter((name) => dependencies[name] === undefined),
    [],
  );
});

test("text is put between the marks and nowhere else; a page without them is told", () => {
  const page = "a\n<!-- bench:peers -->\nold\n<!-- /bench:peers -->\nb\n";
  const once = withPrinted(page, "new");
  assert.is(once, "a\n<!-- bench:peers -->\n\nnew\n\n<!-- /bench:peers -->\nb\n");
  assert.is(withPrinted(once, "new"), once);
  assert.throws(() => withPrinted("a\n", "new"), /has no/);
});

test("the documents show what the stored results print, and nothing else", () => {
  for (const [path, text] of printedDocuments()) {
    assert.is(readFileSync(join(root, path), "utf8"), text, `${path}: npm run bench:peers -- --report --write`);
  }
});

test("results of other measurements print without a hole", () => {
  const runs = [sampleRun(ourName, 1), sampleRun("helia", 1, { sizeMiB: 5 })];
  const resume = { killedAt: 0.5, firstWireBytes: 1, keptDiskBytes: 1 };
  const resumed = sampleResults([sampleRun("tus", 1, { resume })], { killAt: 0.5 });
  assert.not.match(longText(sampleResults(runs), resumed), /NaN|undefined/);
});

test("a folder is flushed and measured with all that is below it", async () => {
  const folder = fileURLToPath(new URL("packages", import.meta.url));
  await flushTree(folder);
  assert.ok((await diskBytesOf(folder)) > 0);
});

/** In a process of its own: the guard is for good. */
function underGuard(code: string): string {
  const guard = new URL("loopback-only.ts", import.meta.url).href;
  const script = `import net from "node:net"; import dns from "node:dns"; import dgram from "node:dgram";
    import { refuseOtherAddresses } from ${JSON.stringify(guard)};
    refuseOtherAddresses();
    const say = (text) => { console.log(text); process.exit(0); };
    ${code}`;
  const options = ["--import", "tsx", "--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: root, encoding: "utf8" });
  return `${stdout}${stderr}`.trim();
}

test("loopback only: other addresses are refused, whatever the call", () => {
  const outside = "192.0.2.1"; // for documentation, nobody's (RFC 5737)
  const onError = `.on("error", (error) => say(error.message))`;
  assert.match(underGuard(`net.connect(80, "${outside}")${onError};`), /^loopback only: connect to 192/);
  assert.match(underGuard(`net.connect({ port: 80, host: "${outside}" })${onError};`), /^loopback only: connect/);
  assert.match(underGuard(`new net.Socket().connect(80, "${outside}")${onError};`), /^loopback only: connect/);
  assert.match(underGuard(`dns.lookup("example.org", (error) => say(error.message));`), /^loopback only: lookup/);
  for (const use of [`bind()`, `send("a", 9, "127.0.0.1")`]) {
    const call = `try { dgram.createSocket("udp4").${use}; } catch (error) { say(error.message); }`;
    assert.match(underGuard(call), /^loopback only: UDP/, use);
  }
});

test("loopback only: listening means 127.0.0.1, and two processes' ends find each other there", () => {
  const echo = (listen: string) =>
    underGuard(`const server = net.createServer((socket) => socket.end("hello"));
      server.${listen}.on("listening", () => net.connect(server.address().port, "127.0.0.1")
        .on("data", (data) => say(data + " from " + server.address().address)));`);
  for (const listen of ["listen()", "listen(0)", "listen(0, () => {})", "listen({ port: 0 })"])
    assert.is(echo(listen), "hello from 127.0.0.1", listen);
  assert.match(echo(`listen(0, "0.0.0.0")`), /loopback only: listen on 0\.0\.0\.0/);
});

test.run();
