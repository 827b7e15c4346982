import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FileSyncError } from "../../core/errors.ts";
import { storageConformance } from "../../core/storage/conformance.ts";
import { nodeStorage } from "../../core/storage/node.ts";
import { NodeFile } from "../../core/storage/node-file.ts";
import { storageFailure } from "../../core/storage/node-errors.ts";

const home = mkdtempSync(join(tmpdir(), "storage-test-"));
let made = 0;
const newFolder = (): string => join(home, `store-${made++}`);
process.once("exit", () => rmSync(home, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    assert.instance(error, FileSyncError);
    return (error as FileSyncError).code;
  }
  return "none";
}

const conformance = suite("storage: node");
storageConformance({ test: conformance, makeProvider: () => nodeStorage(newFolder()) });
conformance.run();

const node = suite("storage: node: the file system");

node("folders and files are for their owner only", async () => {
  const folder = join(newFolder(), "deeper", "store");
  const storage = await nodeStorage(folder).open();
  storage.open("slices/a", { create: true })?.close();
  await storage.flushNames();
  assert.is(statSync(folder).mode & 0o777, 0o700);
  assert.is(statSync(join(folder, "slices")).mode & 0o777, 0o700);
  assert.is(statSync(join(folder, "slices/a")).mode & 0o777, 0o600);
  assert.is(statSync(join(folder, "lock")).mode & 0o777, 0o600);
  storage.close();
});

node("another spelling of the path and a symbolic link are the same store", async () => {
  const folder = newFolder();
  const link = newFolder();
  const storage = await nodeStorage(folder).open();
  symlinkSync(folder, link);
  assert.is(await codeOf(() => nodeStorage(link).open()), "storage_locked");
  assert.is(await codeOf(() => nodeStorage(`${home}/./x/../${folder.slice(home.length)}/`).open()), "storage_locked");
  storage.close();
  (await nodeStorage(link).open()).close();
});

node("closed, nothing of the lock is left", async () => {
  const folder = newFolder();
  const storage = await nodeStorage(folder).open();
  storage.open("a", { create: true })?.close();
  assert.is(await codeOf(() => nodeStorage(folder).open()), "storage_locked");
  storage.close();
  assert.equal(readdirSync(folder), ["a"]);
});

node("what others left in the folder is neither listed nor touched", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "lost+found"), { recursive: true });
  writeFileSync(join(folder, ".DS_Store"), "x");
  const storage = await nodeStorage(folder).open();
  assert.equal(storage.list(""), []);
  storage.close();
  assert.ok(existsSync(join(folder, ".DS_Store")));
});

node("a full disk is storage_full, and the descriptor stays usable", async () => {
  let isClosed = false;
  const file = new NodeFile(openSync("/dev/full", "r+"), () => (isClosed = true));
  assert.is(await codeOf(() => file.writeAt(new Uint8Array(10), 0)), "storage_full");
  file.close();
  assert.ok(isClosed);
});

node("a folder that may not be written is storage_read_only", async () => {
  // The super-user may write anywhere; there the mapping below has to do.
  if (isRoot) return;
  const folder = newFolder();
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  assert.is(await codeOf(() => nodeStorage(folder).open()), "storage_read_only");
});

node("a store that is removed while it is open is storage_gone, and does not come back empty", async () => {
  const folder = newFolder();
  const storage = await nodeStorage(folder).open();
  const file = storage.open("events.log", { create: true });
  rmSync(folder, { recursive: true });
  file?.writeAt(new Uint8Array(10), 0);
  assert.is(await codeOf(() => file?.flush()), "storage_gone");
  assert.is(await codeOf(() => storage.open("slices/a", { create: true })), "storage_gone");
  assert.is(await codeOf(() => storage.open("slices/a", { create: false })), "storage_gone");
  assert.is(await codeOf(() => storage.list("slices/")), "storage_gone");
  file?.close();
  storage.close();
  assert.not.ok(existsSync(folder));
});

node("a file that is closed while one flush runs and another waits is flushed by both", async () => {
  const storage = await nodeStorage(newFolder()).open();
  const file = storage.open("slices/a", { create: true });
  assert.ok(file);
  file.writeAt(new Uint8Array(100_000), 0);
  const running = file.flush();
  const waiting = file.flush();
  file.close();
  // What is opened now gets the lowest number that is free: not that of the file whose flushes are under way.
  const next = storage.open("slices/b", { create: true });
  assert.is(await codeOf(() => Promise.all([running, waiting])), "none");
  next?.close();
  storage.close();
});

node("a path that is a file is refused, and the file stays", async () => {
  const folder = newFolder();
  writeFileSync(folder, "mine");
  assert.is(await codeOf(() => nodeStorage(folder).open()), "storage_failed");
  assert.is(statSync(folder).size, 4);
});

node("a store moved elsewhere opens there", async () => {
  const [folder, elsewhere] = [newFolder(), newFolder()];
  const storage = await nodeStorage(folder).open();
  storage.open("a", { create: true })?.close();
  storage.close();
  renameSync(folder, elsewhere);
  const again = await nodeStorage(elsewhere).open();
  assert.equal(again.list(""), ["a"]);
  again.close();
});

node("every failure of the system has a code of ours, and no path in its message", () => {
  const cases: [string, string][] = [
    ["ENOSPC", "storage_full"],
    ["EDQUOT", "storage_full"],
    ["EFBIG", "storage_full"],
    ["EROFS", "storage_read_only"],
    ["EACCES", "storage_read_only"],
    ["EPERM", "storage_read_only"],
    ["ENOENT", "storage_gone"],
    ["EIO", "storage_failed"],
    ["EMFILE", "storage_failed"],
  ];
  for (const [system, code] of cases) {
    const cause = Object.assign(new Error(`${system}: open 'secret/store'`), { code: system });
    const failure = storageFailure(cause) as FileSyncError;
    assert.is(failure.code, code);
    assert.is(failure.cause, cause);
    assert.not.match(failure.message, "secret");
  }
  assert.is((storageFailure("odd") as FileSyncError).code, "storage_failed");
});

node.run();
