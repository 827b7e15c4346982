import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeStorage } from "../../core/storage/node.ts";

const home = mkdtempSync(join(tmpdir(), "storage-lock-test-"));
let made = 0;
const newFolder = (): string => join(home, `store-${made++}`);
process.once("exit", () => rmSync(home, { recursive: true, force: true }));

/** Bundled, so that it starts fast enough to race and runs in a worker too. */
buildSync({
  entryPoints: ["lock-holder.ts", "lock-racer.ts"].map((name) => fileURLToPath(new URL(name, import.meta.url))),
  outdir: home,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "error",
});
const holderScript = join(home, "lock-holder.mjs");
const racerScript = join(home, "lock-racer.mjs");
const isLinux = process.platform === "linux";

interface Holder {
  readonly child: ChildProcess;
  /** `open` or the code of the error. */
  readonly outcome: string;
}

async function startHolder(folder: string, startMs = 0): Promise<Holder> {
  const child = spawn(process.execPath, [holderScript, folder, String(startMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return { child, outcome: String(text).trim() };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

async function codeOfOpening(folder: string): Promise<string> {
  try {
    (await nodeStorage(folder).open()).close();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "open";
}

/** What a lock says once its owner is dead. No process has the number 2^22 + 1: Linux ends at 2^22. */
function deadRecord(token: string, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    token,
    pid: 2 ** 22 + 1,
    started: "1",
    boot: thisBoot,
    pidNamespace: thisNamespace,
    ...changes,
  });
}

const probe = newFolder();
const probed = await nodeStorage(probe).open();
const ownRecord = JSON.parse(readFileSync(join(probe, "lock"), "utf8")) as Record<string, unknown>;
const { boot: thisBoot, pidNamespace: thisNamespace } = ownRecord;
probed.close();

const tokenA = "a".repeat(32);
const tokenB = "b".repeat(32);

const lock = suite("storage: node: lock");

lock("held while its process lives, taken over after SIGKILL, every time", async () => {
  const folder = newFolder();
  for (let round = 0; round < 3; round++) {
    const { child, outcome } = await startHolder(folder);
    assert.is(outcome, "open");
    assert.is(await codeOfOpening(folder), "storage_locked");
    await end(child, "SIGKILL");
  }
  assert.is(await codeOfOpening(folder), "open");
  assert.not.ok(readdirSync(folder).includes("lock"));
});

lock("a killed process that nobody has waited for does not hold it", async () => {
  const folder = newFolder();
  const { child } = await startHolder(folder);
  child.kill("SIGKILL");
  // Synchronous from here on, so this process cannot have waited for it: on Linux it is a zombie until then.
  const until = Date.now() + 300;
  while (Date.now() < until);
  assert.is(await codeOfOpening(folder), "open");
});

lock("of two processes that find a dead lock one wins and one is refused, 20 times", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  for (let round = 0; round < 20; round++) {
    writeFileSync(join(folder, "lock"), deadRecord(round.toString(16).padStart(32, "0")));
    const startMs = Date.now() + 250;
    const holders = await Promise.all([startHolder(folder, startMs), startHolder(folder, startMs)]);
    const outcomes = holders.map((holder) => holder.outcome).sort();
    for (const { child } of holders) await end(child, "SIGKILL");
    assert.equal(outcomes, ["open", "storage_locked"], `round ${round}`);
    rmSync(join(folder, "lock"));
  }
});

lock("three processes that die holding it, one after the other, never have it at once", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  const endMs = Date.now() + 2_000;
  const counts = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, [racerScript, folder, String(endMs)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [text] = (await once(child.stdout, "data")) as [Buffer];
      return JSON.parse(String(text)) as { won: number; together: number };
    }),
  );
  assert.is(
    counts.reduce((total, { together }) => total + together, 0),
    0,
  );
  assert.ok(counts.reduce((total, { won }) => total + won, 0) > 20);
});

lock("of many openings at once in one process one wins, 50 times", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  for (let round = 0; round < 50; round++) {
    if (round % 2 === 0) writeFileSync(join(folder, "lock"), deadRecord(tokenA));
    const openings = await Promise.allSettled(Array.from({ length: 8 }, () => nodeStorage(folder).open()));
    const won = openings.filter((opening) => opening.status === "fulfilled");
    assert.is(won.length, 1, `round ${round}`);
    for (const opening of won) opening.value.close();
    assert.equal(readdirSync(folder), []);
  }
});

lock("a takeover that was cut off is itself taken over", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "lock"), deadRecord(tokenA));
  writeFileSync(join(folder, `lock.after.${tokenA}`), deadRecord(tokenB));
  const storage = await nodeStorage(folder).open();
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith("lock.after.")),
    [],
  );
  assert.is(await codeOfOpening(folder), "storage_locked");
  storage.close();
  assert.equal(readdirSync(folder), []);
});

lock("a number that was given out again, another boot and a record cut off are dead", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  const path = join(folder, "lock");
  const records = [
    deadRecord(tokenA, { boot: "another" }),
    "",
    '{"token":',
    deadRecord("../escape"),
    "x".repeat(5_000),
  ];
  // The parent is alive but did not start at tick 1.
  if (isLinux) records.push(deadRecord(tokenA, { pid: process.ppid }));
  for (const record of records) {
    writeFileSync(path, record);
    utimesSync(path, 1_000, 1_000);
    assert.is(await codeOfOpening(folder), "open", record.slice(0, 80));
  }
});

lock("an empty record that is fresh may still be in writing: it holds", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "lock"), "");
  assert.is(await codeOfOpening(folder), "storage_locked");
});

lock("from another container the owner's socket decides", async () => {
  if (!isLinux) return;
  const folder = newFolder();
  const { child } = await startHolder(folder);
  const path = join(folder, "lock");
  const record = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...record, pidNamespace: "pid:[1]", pid: 1, started: "1" }));
  assert.is(await codeOfOpening(folder), "storage_locked");
  await end(child, "SIGKILL");
  assert.is(await codeOfOpening(folder), "open");
});

lock("another thread of this process holds it, and no longer when it was ended", async () => {
  const folder = newFolder();
  const worker = new Worker(holderScript, { argv: [folder], stdin: true, stdout: true });
  const [text] = (await once(worker.stdout, "data")) as [Buffer];
  assert.is(String(text).trim(), "open");
  assert.is(await codeOfOpening(folder), "storage_locked");
  await worker.terminate();
  if (isLinux) assert.is(await codeOfOpening(folder), "open");
});

lock("what the dead left is swept up", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  for (const name of [`lock.new.${tokenA}`, `lock.beacon.${tokenA}`, `lock.after.${tokenB}`]) {
    writeFileSync(join(folder, name), deadRecord(tokenA));
    utimesSync(join(folder, name), 1_000, 1_000);
  }
  assert.is(await codeOfOpening(folder), "open");
  assert.equal(readdirSync(folder), []);
});

lock.run();
