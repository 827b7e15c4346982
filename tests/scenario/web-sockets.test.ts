/** The main stories once more with stores on disk and real WebSockets on loopback; time is real, so they are short. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesEqual } from "../../core/base/bytes.ts";
import { createGroupKey, createIdentityKeys, openFileSync, peerIdOf, type FileSync } from "../../core/index.ts";
import { nodeStorage, nodeWebSocketTransport, webSocketServer } from "../../core/node.ts";
import { contentOf } from "../file/content.ts";
import { startRelay } from "./relay.ts";
import { miB } from "./story.ts";

const test = suite("scenario: WebSockets");

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const patienceMs = 20_000;

async function until(holds: () => boolean): Promise<void> {
  for (const endMs = Date.now() + patienceMs; !holds(); await wait(5))
    assert.ok(Date.now() < endMs, "it happens in time");
}

const contentRead = async (sync: FileSync, fileId: string): Promise<Uint8Array> =>
  new Uint8Array(await (await sync.blob(fileId)).arrayBuffer());

/** Two devices with stores on disk, a relay of known speed between them, and how to open each. */
async function world(bytesPerSecond: number) {
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-ws-"));
  const keys = [await createIdentityKeys(), await createIdentityKeys(), await createIdentityKeys()] as const;
  const group = { name: "g", members: keys.slice(0, 2).map((each) => peerIdOf(each)), keys: [createGroupKey()] };
  const port = { current: 0 };
  const opened: FileSync[] = [];
  const common = (n: 0 | 1 | 2) => ({ storage: nodeStorage(join(folder, `${n}`)), identity: keys[n], group });
  const openServer = async (): Promise<FileSync> => {
    const server = webSocketServer({ port: port.current });
    const sync = await openFileSync({ ...common(0), transport: server });
    port.current = server.address().port;
    opened.push(sync);
    return sync;
  };
  const first = await openServer();
  const relay = await startRelay(port.current, bytesPerSecond);
  const openClient = async (n: 1 | 2 = 1, changes = {}): Promise<FileSync> => {
    const transport = nodeWebSocketTransport({ connect: `ws://127.0.0.1:${relay.port}` });
    const sync = await openFileSync({ ...common(n), transport, ...changes });
    opened.push(sync);
    return sync;
  };
  const end = async (): Promise<void> => {
    for (const sync of opened) await sync.close();
    await relay.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { first, relay, group, keys, openServer, openClient, end };
}

test("5 MiB: announced, fetched, byte-identical, at most 1.06 bytes on the wire for one of the file (G-1)", async () => {
  // Goal: the main job over real sockets and disks. Method: attach, fetch, read, count.
  const { first, relay, openClient, end } = await world(50_000_000);
  try {
    const bytes = contentOf(5 * miB);
    const { fileId } = await first.attach(bytes, { messageId: "ab".repeat(16), name: "five" });
    const ben = await openClient();
    await until(() => ben.attachments().length === 1);
    const before = relay.downBytes();
    await ben.request(fileId);
    await ben.whenComplete(fileId);
    assert.ok(bytesEqual(await contentRead(ben, fileId), bytes));
    assert.ok(relay.downBytes() - before <= 1.06 * bytes.length);
  } finally {
    await end();
  }
});

test("paused at half, both ends closed and opened again: still paused, nothing comes; resume completes (G-4)", async () => {
  // Goal: pause holds over restarts of both ends. Method: bytes down the wire are watched while it is paused.
  const { first, relay, openServer, openClient, end } = await world(2_000_000);
  try {
    const bytes = contentOf(2 * miB);
    const { fileId } = await first.attach(bytes, { messageId: "ab".repeat(16) });
    let ben = await openClient();
    await ben.request(fileId);
    await until(() => (ben.progress(fileId)?.percent ?? 0) >= 50);
    await ben.pause(fileId);
    await ben.close();
    await first.close();
    await openServer();
    ben = await openClient();
    await until(() => ben.attachments().length === 1);
    await wait(500);
    const held = ben.progress(fileId)?.slicesReceived ?? 0;
    const before = relay.downBytes();
    await wait(1500);
    assert.is(ben.progress(fileId)?.status, "paused");
    assert.ok(relay.downBytes() - before < 1000, "nothing comes");
    await ben.resume(fileId);
    await ben.whenComplete(fileId);
    const missing = 466 * (Math.ceil(bytes.length / 450) - held);
    assert.ok(relay.downBytes() - before <= 1.02 * missing + 20_000, "only what was missing");
    assert.ok(bytesEqual(await contentRead(ben, fileId), bytes));
  } finally {
    await end();
  }
});

test("who is no member, or has no key of the group: not a byte of a file, not even that there is one (G-7)", async () => {
  // Goal: strangers get nothing over a real socket either. Method: a device that the server does not know dials in.
  const { first, relay, group, keys, openClient, end } = await world(50_000_000);
  try {
    const { fileId } = await first.attach(contentOf(100_000), { messageId: "ab".repeat(16) });
    const members = [...group.members, peerIdOf(keys[2])];
    const eve = await openClient(2, { group: { ...group, members } });
    await eve.request(fileId);
    await wait(700);
    assert.equal(eve.attachments(), []);
    assert.is(eve.progress(fileId)?.slicesReceived, 0);
    assert.ok(relay.downBytes() < 3000, "a handshake, and no more");
  } finally {
    await end();
  }
});

test.run();
