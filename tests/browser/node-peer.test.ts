/** A page and a Node process over a real WebSocket with the secure channel; Node's store is on disk. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import { createGroupKey, createIdentityKeys, openFileSync, peerIdOf } from "../../core/index.ts";
import type { FileSync, IdentityKeys } from "../../core/index.ts";
import { nodeStorage, webSocketServer } from "../../core/node.ts";
import { call } from "./in-page.ts";
import type { Invitation } from "./page/with-node.ts";
import { storiesOn } from "./stories.ts";

const test = suite("browser: node peer");
const story = storiesOn("/tests.html", test);
const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-node-peer-"));
const bytes = seededRandom(6).bytes(1 << 20);
const attachedInNode = "00000000-0000-4000-8000-000000000001";
const attachedInPage = "00000000-0000-4000-8000-000000000002";

const { sync, member, stranger } = await openNodePeer();
test.after(async () => {
  await sync.close();
  rmSync(folder, { recursive: true, force: true });
});

story("the page fetches what Node attached, byte for byte", async (page) => {
  const attached = await sync.attach(bytes, { messageId: attachedInNode, name: "from node.bin" });
  const fetched = await call(page, "scenarios", "fetchFromNode", { ...member, messageId: attachedInNode });
  assert.equal(fetched, {
    fileId: attached.fileId,
    name: "from node.bin",
    blobBytes: bytes.length,
    hash: sha256(bytes),
  });
});

story("Node fetches what the page attached, byte for byte", async (page) => {
  const { fileId, hash } = await call(page, "scenarios", "attachForNode", {
    ...member,
    messageId: attachedInPage,
  });
  await sync.request(fileId);
  await sync.whenComplete(fileId, { signal: AbortSignal.timeout(20_000) });
  assert.is(sha256(new Uint8Array(await (await sync.blob(fileId)).arrayBuffer())), hash);
  assert.is(sync.attachments({ messageId: attachedInPage })[0]?.name, "from the page.bin");
  await call(page, "scenarios", "leave");
});

story("a page that is no member gets nothing, not even whether there is something", async (page) => {
  const facts = await call(page, "scenarios", "listenAsStranger", { ...stranger, messageId: attachedInNode });
  assert.equal(facts, { heard: "signal timed out", attachmentCount: 0 });
});

interface NodePeer {
  readonly sync: FileSync;
  readonly member: Invitation;
  /** Has everything but the membership. */
  readonly stranger: Invitation;
}

async function openNodePeer(): Promise<NodePeer> {
  const transport = webSocketServer();
  const identity = await createIdentityKeys();
  const ofPage = await createIdentityKeys();
  const ofStranger = await createIdentityKeys();
  const groupKey = createGroupKey();
  const group = { name: "page and node", members: [peerIdOf(identity), peerIdOf(ofPage)], keys: [groupKey] };
  const sync = await openFileSync({ storage: nodeStorage(join(folder, "store")), identity, group, transport });
  const invite = ({ publicKey, secretKey }: IdentityKeys, members: readonly string[]): Invitation => ({
    url: transport.address().url,
    publicKey: [...publicKey],
    secretKey: [...secretKey],
    groupName: group.name,
    groupKey: [...groupKey],
    members,
  });
  return {
    sync,
    member: invite(ofPage, group.members),
    stranger: invite(ofStranger, [...group.members, peerIdOf(ofStranger)]),
  };
}

function sha256(of: Uint8Array): string {
  return createHash("sha256").update(of).digest("hex");
}

test.run();
