/** A file on disk as a source: its length is taken from it, its changes are told, its handle is always closed. */
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeStorage } from "../../core/storage/node.ts";
import { fileSource } from "../../core/node.ts";
import type { FileSync } from "../../core/index.ts";
import { contentOf } from "../file/content.ts";
import { bytesOf, inCircle, message, partsIn, rejects, until, type watchedProvider } from "./circle.ts";

const test = suite("api: file source");

const folder = mkdtempSync(join(tmpdir(), "file-source-"));
const path = join(folder, "a file.bin");
const bytes = contentOf(1_000_001);

test.before.each(() => writeFileSync(path, bytes));
test.after.each(() => until("its handles are closed", () => openHandles() === 0));
test.after(() => rmSync(folder, { recursive: true }));

/** How often the file is open in this process; where the system cannot say, it is taken to be closed. */
function openHandles(): number {
  if (process.platform !== "linux") return 0;
  const isOurs = (descriptor: string): boolean => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      // Closed since it was listed.
      return false;
    }
  };
  return readdirSync("/proc/self/fd").filter(isOurs).length;
}

type Store = ReturnType<typeof watchedProvider>;
const alone = (story: (sync: FileSync, store: Store) => Promise<void>): Promise<void> =>
  inCircle(["anna"], async (circle) => story(await circle.open("anna"), circle.storageOf("anna")));

async function assertSame(sync: FileSync, fileId: string, expected: Uint8Array): Promise<void> {
  const read = await bytesOf(sync.read(fileId));
  assert.is(Buffer.compare(read, expected), 0, "read back as it was");
}

test("a path and a file URL: the length is the file's, and it is read back as it was", () =>
  alone(async (sync) => {
    for (const place of [path, pathToFileURL(path)]) {
      const source = fileSource(place);
      assert.is(source.fileBytes, bytes.length);
      const seen: (number | undefined)[] = [];
      const onProgress = ({ fileBytes }: { fileBytes: number | undefined }): void => void seen.push(fileBytes);
      const attachment = await sync.attach(source, { messageId: message, onProgress });
      assert.is(attachment.fileBytes, bytes.length);
      assert.ok(seen.length > 1 && seen.every((each) => each === bytes.length));
      await assertSame(sync, attachment.fileId, bytes);
    }
  }));

test("one source attached twice, one after the other and at once: each time all of it", () =>
  alone(async (sync) => {
    const source = fileSource(path);
    const attach = (): ReturnType<FileSync["attach"]> => sync.attach(source, { messageId: message });
    const all = [await attach(), await attach(), ...(await Promise.all([attach(), attach()]))];
    for (const { fileId } of all) await assertSame(sync, fileId, bytes);
  }));

test("an empty file is attached as one", () =>
  alone(async (sync) => {
    writeFileSync(path, "");
    const { fileBytes, fileId } = await sync.attach(fileSource(path), { messageId: message });
    assert.is(fileBytes, 0);
    await assertSame(sync, fileId, new Uint8Array(0));
  }));

test("20 MiB from disk to a store on disk: read back as they were", async () => {
  const large = contentOf(20 * 1024 * 1024);
  writeFileSync(path, large);
  await inCircle(["anna"], async (circle) => {
    const sync = await circle.open("anna", { storage: nodeStorage(join(folder, "store")) });
    const { fileId } = await sync.attach(fileSource(path), { messageId: message });
    await assertSame(sync, fileId, large);
  });
});

test("no file there, or a folder: source_failed at once, with the reason", async () => {
  const error = await rejects(() => fileSource(join(folder, "none")), "source_failed");
  assert.is((error.cause as { code?: string }).code, "ENOENT");
  await rejects(() => fileSource(folder), "source_failed", "not a file");
  assert.not.ok(error.message.includes("none"), "a message names no file");
});

test("removed after it was named: source_failed, and nothing is left", () =>
  alone(async (sync, store) => {
    const source = fileSource(path);
    rmSync(path);
    await rejects(sync.attach(source, { messageId: message }), "source_failed");
    assert.equal(partsIn(store.files()), []);
  }));

test("a file that grows or shrinks, before or while it is read: told by name, and nothing is left", () =>
  alone(async (sync, store) => {
    const change = {
      source_too_long: () => appendFileSync(path, "more"),
      source_ended_early: () => truncateSync(path, 600_000),
    };
    for (const code of ["source_too_long", "source_ended_early"] as const) {
      for (const when of ["before", "while"] as const) {
        writeFileSync(path, bytes);
        const source = fileSource(path);
        if (when === "before") change[code]();
        let isChanged = false;
        const onProgress = (): void => {
          if (when === "while" && !isChanged) change[code]();
          isChanged = true;
        };
        await rejects(sync.attach(source, { messageId: message, onProgress }), code);
        assert.equal(partsIn(store.files()), [], `${code} ${when}`);
        assert.equal(sync.attachments(), []);
      }
    }
    await sync.attach(fileSource(path), { messageId: message, fileBytes: 600_000 });
  }));

test("another length announced than the file has: told as of any other source", () =>
  alone(async (sync) => {
    const attach = (fileBytes: number): Promise<unknown> =>
      sync.attach(fileSource(path), { messageId: message, fileBytes });
    await rejects(attach(bytes.length + 1), "source_ended_early");
    await rejects(attach(bytes.length - 1), "source_too_long");
  }));

test("aborted in the middle: the reason, the handle is closed, and nothing is left", () =>
  alone(async (sync, store) => {
    const reason = new Error("the user changed her mind");
    const abort = new AbortController();
    let handles = 0;
    const onProgress = (): void => {
      handles = openHandles();
      abort.abort(reason);
    };
    const attaching = sync.attach(fileSource(path), { messageId: message, signal: abort.signal, onProgress });
    assert.is(await attaching.catch((thrown: unknown) => thrown), reason);
    if (process.platform === "linux") assert.is(handles, 1, "it was open");
    await until("the handle is closed", () => openHandles() === 0);
    assert.equal(partsIn(store.files()), []);
  }));

test("a source of one's own with a length that is none: argument_invalid", () =>
  alone(async (sync) => {
    for (const fileBytes of [-1, 0.5, Number.NaN, "10"]) {
      const source = { fileBytes: fileBytes as number, [Symbol.asyncIterator]: () => [][Symbol.iterator]() as never };
      await rejects(sync.attach(source, { messageId: message }), "argument_invalid", "fileBytes");
    }
  }));

/** Of a thread: one of Node 20 does not inherit the loader of TypeScript. */
const boot = `import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then((tsx) => (tsx.register(), import("FILE")))`;

/** Nothing but the attach keeps the process alive, its thread is slow to answer, and nothing of it is left afterwards. */
const child = `
  const { Worker } = await import("node:worker_threads");
  const get = process.getBuiltinModule;
  let ready;
  const isReady = new Promise((resolve) => (ready = resolve));
  const slow = 'const port = require("node:worker_threads").parentPort; const post = port.postMessage.bind(port);' +
    'port.postMessage = (each) => void setTimeout(post, 100, each);';
  class Slow extends Worker {
    constructor(file, options) {
      super(slow + ${JSON.stringify(boot)}.replace("FILE", file.href), { ...options, eval: true, execArgv: [] });
      this.once("message", ready);
    }
  }
  const others = { "node:worker_threads": { Worker: Slow }, "node:os": { availableParallelism: () => 2 } };
  process.getBuiltinModule = (name) => others[name] ?? get(name);
  const { inCircle, message, bytesOf } = await import(${JSON.stringify(new URL("./circle.ts", import.meta.url).href)});
  const bytes = Buffer.alloc(${20 * 1024 * 1024}, "some of it");
  await inCircle(["anna"], async (circle) => {
    const sync = await circle.open("anna");
    const source = (async function* () {
      const alive = setInterval(() => {}, 50);
      await isReady;
      clearInterval(alive);
      yield bytes;
    })();
    const { fileId } = await sync.attach(source, { messageId: message, fileBytes: bytes.length });
    console.log("the same", bytes.equals(await bytesOf(sync.read(fileId))));
  });
`;

test("a process that does nothing else: it waits for its thread, and ends by itself", async () => {
  const node = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", child]);
  let said = "";
  let code: number | null | undefined;
  node.stdout.on("data", (text: Buffer) => (said += text.toString()));
  node.stderr.on("data", (text: Buffer) => (said += text.toString()));
  node.on("close", (exitCode) => (code = exitCode));
  try {
    await until("it ended", () => code !== undefined, 6000);
  } finally {
    node.kill("SIGKILL");
  }
  assert.equal([said.trim(), code], ["the same true", 0]);
});

test.run();
