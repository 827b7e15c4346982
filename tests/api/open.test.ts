/** Opening: what an app can hand in wrongly, and what can lie where the store should be. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createGroupKey,
  createIdentityKeys,
  memoryStorage,
  openFileSync,
  peerIdOf,
  type FileSync,
  type OpenOptions,
} from "../../core/index.ts";
import { nodeStorage } from "../../core/node.ts";
import { rejects } from "./circle.ts";

const test = suite("api: open");

async function ownOptions(path?: string): Promise<OpenOptions> {
  const identity = await createIdentityKeys();
  const group = { name: "alone", members: [peerIdOf(identity)], keys: [createGroupKey()] };
  return { storage: path === undefined ? memoryStorage() : nodeStorage(path), identity, group };
}

async function inFolder(story: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "file-sync-open-"));
  try {
    await story(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens, and fails when that works. */
const refused = async (options: unknown, code: Parameters<typeof rejects>[1], detail = ""): Promise<void> => {
  await rejects(
    openFileSync(options as OpenOptions).then((sync: FileSync) => sync.close()),
    code,
    detail,
  );
};

test("without options, storage or with a transport that is none: told by name", async () => {
  const options = await ownOptions();
  await refused(undefined, "argument_invalid", "storage");
  await refused({}, "argument_invalid", "storage");
  await refused({ ...options, storage: "/store" }, "argument_invalid", "storage");
  await refused({ ...options, transport: {} }, "argument_invalid", "transport");
  await refused({ ...options, transport: [null] }, "argument_invalid", "transport");
});

test("keys of the wrong length, and halves that do not match", async () => {
  const options = await ownOptions();
  const { publicKey, secretKey } = options.identity;
  await refused({ ...options, identity: undefined }, "key_length_invalid", "identity.publicKey");
  await refused({ ...options, identity: { publicKey: publicKey.subarray(1), secretKey } }, "key_length_invalid");
  await refused({ ...options, identity: { publicKey, secretKey: secretKey.subarray(32) } }, "key_length_invalid");
  const other = await createIdentityKeys();
  await refused({ ...options, identity: { publicKey, secretKey: other.secretKey } }, "argument_invalid", "identity");
  for (const bytes of [0, 16, 31, 33, 64]) {
    const group = { ...options.group, keys: [createGroupKey(), new Uint8Array(bytes)] };
    await refused({ ...options, group }, "key_length_invalid", "group.keys");
  }
  await rejects(() => peerIdOf({ publicKey: new Uint8Array(31) }), "key_length_invalid");
});

test("a group without a name, keys or members that are peer ids", async () => {
  const options = await ownOptions();
  const { group } = options;
  await refused({ ...options, group: undefined }, "argument_invalid", "group.name");
  await refused({ ...options, group: { ...group, name: 1 } }, "argument_invalid", "group.name");
  await refused({ ...options, group: { ...group, keys: [] } }, "argument_invalid", "group.keys");
  await refused({ ...options, group: { ...group, keys: undefined } }, "argument_invalid", "group.keys");
  for (const members of [undefined, 7, "anna", ["anna"], [options.identity.publicKey], ["AB".repeat(32)]])
    await refused({ ...options, group: { ...group, members } }, "argument_invalid", "group.members");
});

test("what was refused left the store free: the right arguments open it", async () => {
  const options = await ownOptions();
  await refused({ ...options, group: { ...options.group, members: 7 } }, "argument_invalid");
  await (await openFileSync(options)).close();
});

test("a member list that is a Set, and keys that the app wipes afterwards", async () => {
  const options = await ownOptions();
  const key = createGroupKey();
  const { publicKey, secretKey } = options.identity;
  const identity = { publicKey: publicKey.slice(), secretKey: secretKey.slice() };
  const sync = await openFileSync({
    ...options,
    identity,
    group: { ...options.group, members: new Set([peerIdOf(identity)]), keys: [key] },
  });
  identity.secretKey.fill(0);
  key.fill(0);
  const bytes = new Uint8Array([1, 2, 3]);
  const { fileId } = await sync.attach(bytes, { messageId: "00".repeat(16) });
  assert.equal(new Uint8Array(await (await sync.blob(fileId)).arrayBuffer()), bytes);
  await sync.close();
});

test("a transport that cannot start: its failure is told and the store is free again", async () => {
  const options = await ownOptions();
  let stopped = 0;
  const sound = { start: async () => {}, stop: async () => void stopped++ };
  const broken = { start: () => Promise.reject(new Error("no network")), stop: async () => {} };
  try {
    await openFileSync({ ...options, transport: [sound, broken] });
    assert.unreachable();
  } catch (thrown) {
    assert.is((thrown as Error).message, "no network");
  }
  assert.is(stopped, 1, "what did start is stopped");
  await (await openFileSync(options)).close();
});

test("the same store twice in one process: storage_locked, and the first goes on", async () => {
  await inFolder(async (folder) => {
    const options = await ownOptions(folder);
    const sync = await openFileSync(options);
    const error = await rejects(openFileSync({ ...options, storage: nodeStorage(folder) }), "storage_locked");
    assert.is(error.retryable, true);
    await sync.attach(new Uint8Array(10), { messageId: "00".repeat(16) });
    await sync.close();
    await (await openFileSync(options)).close();
  });
});

test("a store that another process has open: storage_locked; killed, it gives it back", async () => {
  await inFolder(async (folder) => {
    const options = await ownOptions(folder);
    const holder = spawn(process.execPath, [
      ...process.execArgv,
      fileURLToPath(new URL("../storage/lock-holder.ts", import.meta.url)),
      folder,
    ]);
    assert.is(await firstLine(holder), "open\n");
    await rejects(openFileSync(options), "storage_locked");
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await ended;
    await (await openFileSync(options)).close();
  });
});

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.stdout?.once("data", (line: Buffer) => resolve(line.toString())));

test("a store of a newer version is refused by name and not touched", async () => {
  await inFolder(async (folder) => {
    const options = await ownOptions(folder);
    await (await openFileSync(options)).close();
    const path = join(folder, "format");
    const bytes = readFileSync(path);
    bytes.writeUInt16BE(2, "focused-file-sync store\n".length);
    writeFileSync(path, bytes);
    const filesBefore = readdirSync(folder).sort();
    await refused(options, "store_newer");
    assert.equal(readFileSync(path), bytes);
    assert.equal(readdirSync(folder).sort(), filesBefore);
  });
});

test("a log that is no log and a format that is none: store_not_ours, and their bytes stay", async () => {
  for (const name of ["events.log", "format"]) {
    await inFolder(async (folder) => {
      const options = await ownOptions(folder);
      await (await openFileSync(options)).close();
      const path = join(folder, name);
      writeFileSync(path, "Dear diary, today I learned to keep other people's files as they are.");
      const before = readFileSync(path);
      await refused(options, "store_not_ours", name);
      assert.equal(readFileSync(path), before);
    });
  }
});

test("a place where no store can be is told as a storage failure", async () => {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "file"), "in the way");
    try {
      await openFileSync(await ownOptions(join(folder, "file", "store")));
      assert.unreachable();
    } catch (thrown) {
      assert.match((thrown as { code: string }).code, /^storage_/);
    }
  });
});

test("a projections cache of garbage, or none, costs a replay and nothing else", async () => {
  await inFolder(async (folder) => {
    const options = await ownOptions(folder);
    const sync = await openFileSync(options);
    const { fileId } = await sync.attach(new Uint8Array(999), { messageId: "00".repeat(16), name: "a" });
    await sync.close();
    for (const spoil of [(path: string) => writeFileSync(path, "garbage"), (path: string) => rmSync(path)]) {
      spoil(join(folder, "projections.cache"));
      const again = await openFileSync(options);
      assert.is(again.progress(fileId)?.status, "complete");
      assert.is((await again.blob(fileId)).size, 999);
      await again.close();
    }
  });
});

test("another device's keys: the store opens and shows what the log holds, with the cache passed over", async () => {
  const options = await ownOptions();
  const sync = await openFileSync(options);
  const { fileId } = await sync.attach(new Uint8Array(9), { messageId: "00".repeat(16), name: "a" });
  await sync.close();
  const other = await openFileSync({ ...options, identity: await createIdentityKeys() });
  assert.is(other.attachments()[0]?.fileId, fileId);
  await rejects(other.delete(fileId), "not_author");
  await other.close();
});

test.run();
