/**
 * A process that opens a store with every kind of timer and socket going, closes it and does nothing more: it must end by
 * itself. Says `closed` when closing is through. `--crowd` adds a second instance with a transfer between the two.
 */
import { createGroupKey, createIdentityKeys, memoryStorage, openFileSync, peerIdOf } from "../../core/index.ts";
import { nodeStorage, nodeWebSocketTransport, webSocketServer } from "../../core/node.ts";

const [path = "", mode = ""] = process.argv.slice(2);
const [identity, other] = [await createIdentityKeys(), await createIdentityKeys()];
const group = { name: "leaver", members: [peerIdOf(identity), peerIdOf(other)], keys: [createGroupKey()] };
const server = webSocketServer();
const nobody = nodeWebSocketTransport({ connect: "ws://127.0.0.1:9" });
const sync = await openFileSync({ storage: nodeStorage(path), identity, group, transport: [server, nobody] });
await sync.attach(new Uint8Array(1000), { messageId: "00".repeat(16), ttlMs: 3_600_000 });
await sync.request("ff".repeat(16), { ttlMs: 3_600_000 });
sync.subscribe(() => {});
const waiting = sync.whenComplete("ff".repeat(16)).catch((thrown: { code: string }) => thrown.code);
if (mode === "--crowd") {
  const transport = nodeWebSocketTransport({ connect: server.address().url });
  const ben = await openFileSync({ storage: memoryStorage(), identity: other, group, transport });
  const { fileId } = await sync.attach(new Uint8Array(3_000_000), { messageId: "00".repeat(16) });
  await ben.request(fileId);
  await Promise.all([sync.close(), ben.close(), sync.close()]);
}
await sync.close();
process.stdout.write(`closed ${await waiting}\n`);
