/**
 * Ours and what people would use instead, in the same run: `npm run bench:peers`. What each contender does, and what was
 * measured last: docs/BENCHMARKS_PEERS.md. The clock and its rules: children/ends.ts.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "../build.ts";
import { loadText, machineLines } from "../machine.ts";
import { makeSource } from "../source-file.ts";
import { helpText, parseArguments, type PeersArguments } from "./arguments.ts";
import { contenderOf, ourName } from "./contenders.ts";
import { writeDocuments } from "./documents.ts";
import { cacheFolder, compileChildren, install, versionOf } from "./install.ts";
import { isAlone, runAlone } from "./namespace.ts";
import { goalList, jsonLines, longTable, shortTable } from "./report.ts";
import { resumeText } from "./resume-report.ts";
import { beginResults, readResults, storedPathOf, storedPaths, type Results, type Session } from "./results.ts";
import { runRounds } from "./rounds.ts";

process.exitCode = await main().catch((thrown: unknown) => {
  process.stderr.write(`bench:peers: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  return 1;
});

async function main(): Promise<number> {
  const read = parseArguments(process.argv.slice(2));
  if ("help" in read) {
    process.stdout.write(helpText);
    return 0;
  }
  if ("problem" in read) {
    process.stderr.write(`bench:peers: ${read.problem}\n${helpText}`);
    return 2;
  }
  if (read.isReport) return reportStored(read);
  if (process.platform !== "linux") throw new Error("it reads /proc, which only Linux has");
  const tell = teller(read);
  install(tell);
  if (read.isInstallOnly) return 0;
  const codeOfOther = runAlone();
  return codeOfOther ?? (await measureAll(read, tell));
}

function reportStored(read: PeersArguments): number {
  const path = read.resultsPath ?? storedPathOf(read);
  report(read, readResults(path));
  if (read.isWrite) store(path);
  return 0;
}

async function measureAll(read: PeersArguments, tell: (line: string) => void): Promise<number> {
  // Some of the packages are slower when they think that they are being developed.
  process.env["NODE_ENV"] = "production";
  const built = build(read.libraryFolder, tell);
  compileChildren();
  const session = sessionOf(read);
  for (const line of session.machine) tell(line);
  for (const [peer, version] of Object.entries(session.versions)) tell(`${peer}: ${version}`);
  const resultsPath = read.resultsPath ?? join(cacheFolder, "last.jsonl");
  beginResults(resultsPath, session);
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-bench-peers-"));
  try {
    const sources = read.sizesMiB.map((sizeMiB) => [sizeMiB, makeSource(folder, sizeMiB)] as const);
    const failures = await runRounds({ read, built, folder, resultsPath, sources, tell });
    tell(`${loadText()} at the end; every run is in ${resultsPath}\n`);
    report(read, readResults(resultsPath));
    if (read.isWrite) store(resultsPath);
    return failures === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sessionOf({ peers, sizesMiB, rounds, killAt, libraryFolder }: PeersArguments): Session {
  const [own = "", ...others] = machineLines();
  // Of another build nobody knows the commit.
  const subject = libraryFolder === undefined ? own : "focused-file-sync, another build than this checkout's";
  const processors = cpus();
  const version = (peer: string): string => {
    if (peer === ourName) return subject;
    return versionOf(contenderOf(peer)) || `Node ${process.versions.node}`;
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: [subject, ...others],
    processor: `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} cores`,
    node: process.versions.node,
    versions: Object.fromEntries(peers.map((peer) => [peer, version(peer)])),
    sizesMiB,
    rounds,
    isAlone: isAlone(),
    ...(killAt === undefined ? {} : { killAt }),
  };
}

/** With --json the figures alone are on standard output. */
function teller({ isJson }: PeersArguments): (line: string) => void {
  return (line) => void (isJson ? process.stderr : process.stdout).write(`${line}\n`);
}

function report({ isJson }: PeersArguments, results: Results): void {
  if (isJson) for (const line of jsonLines(results)) process.stdout.write(`${line}\n`);
  else if (results.session.killAt !== undefined) process.stdout.write(`${resumeText(results, storedFetch())}\n`);
  else process.stdout.write(`${[shortTable(results), longTable(results), goalList(results)].join("\n\n")}\n`);
}

/** What one whole transfer sends: without it nobody can say what was sent again. */
function storedFetch(): Results | undefined {
  return existsSync(storedPaths.fetch) ? readResults(storedPaths.fetch) : undefined;
}

/** Into the repository, and from there into the documents: what they show can be printed again. */
function store(path: string): void {
  const results = readResults(path);
  const target = storedPathOf(results.session);
  if (target !== storedPaths.fetch && !existsSync(storedPaths.fetch))
    throw new Error("store the results of whole transfers first: the documents begin with them");
  mkdirSync(dirname(target), { recursive: true });
  if (path !== target) copyFileSync(path, target);
  writeDocuments();
}
