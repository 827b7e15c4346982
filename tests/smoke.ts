import { memoryStorage } from "../core/storage/memory.ts";
import { openSqlJs } from "../core/storage/sql-js.ts";
import { cryptoReady, createIdentity } from "../core/crypto/index.ts";
import { EventLog } from "../core/log/event-log.ts";
import { Engine } from "../core/sync/engine.ts";
import { FileSealer } from "../core/file/sealer.ts";
import { createMessageAttachment, keyCommitmentOf, createFileVerified } from "../events/index.ts";
import { systemRandom } from "../core/base/random.ts";
import { epochMs, type MessageId, type PeerId } from "../core/base/ids.ts";

await cryptoReady();
const random = systemRandom();
const key = random.bytes(32);
const ids = [createIdentity(), createIdentity()];
const members = new Set<PeerId>(ids.map((i) => i.peerId));
const group = { name: "g", members, keys: [key] };
async function make(i: number) {
  const storage = await memoryStorage().open();
  const opened = EventLog.open({ storage, database: await openSqlJs(), cachedPosition: 0, identity: ids[i]!, groupKeys: group.keys });
  if (!opened.ok) throw opened.error;
  return new Engine({ log: opened.value.log, identity: ids[i]!, group, random }, epochMs(Date.now()));
}
const a = await make(0), b = await make(1);
const size = Number(process.argv[2] ?? 5 << 20);
const data = new Uint8Array(size); for (let i = 0; i < size; i++) data[i] = i * 7 + (i >> 8);
const now = () => epochMs(Date.now());
let t0 = performance.now();
const fileKey = random.bytes(32), noncePrefix = random.bytes(20);
const target = a.log.slices.createAttaching("x");
const sealer = new FileSealer({ target, fileKey, noncePrefix, fileBytes: size });
for (let at = 0; at < size; at += 65536) { const r = sealer.push(data.subarray(at, at + 65536)); if (!r.ok) throw r.error; }
const f = sealer.finish(); if (!f.ok) throw f.error;
target.close();
a.log.slices.adoptAttaching("x", f.value.fileId, { ...f.value, noncePrefix, keyCommitment: keyCommitmentOf(fileKey) });
const d = createMessageAttachment({ messageId: "ab".repeat(16) as MessageId, fileId: f.value.fileId, fileBytes: size, noncePrefix, fileKey, rootHash: f.value.rootHash, name: "x", mediaType: "", width: 0, height: 0, preview: new Uint8Array(0), createdAtMs: now(), ttlMs: 0 }, ids[0]!, key, random.bytes(24));
const v = createFileVerified({ sequence: a.log.nextSequence(), fileId: f.value.fileId, priority: 5, requestedAtMs: now() }, now(), ids[0]!);
a.addAttachment([d, v], now());
console.log("attach ms", performance.now() - t0, f.value.shape);
t0 = performance.now();
a.handlePeerUp(ids[1]!.peerId, now()); b.handlePeerUp(ids[0]!.peerId, now());
let wire = 0;
function pump() {
  for (let n = 0; n < 1e6; n++) {
    let any = false;
    for (let m = a.pollOutgoing(ids[1]!.peerId, now()); m; m = a.pollOutgoing(ids[1]!.peerId, now())) { wire += m.length; b.handleBytes(ids[0]!.peerId, m, now()); any = true; }
    for (let m = b.pollOutgoing(ids[0]!.peerId, now()); m; m = b.pollOutgoing(ids[0]!.peerId, now())) { wire += m.length; a.handleBytes(ids[1]!.peerId, m, now()); any = true; }
    for (const e of [a, b]) for (let t = e.pollFlush(); t; t = e.pollFlush()) { e.handleFlushed(t, now()); any = true; }
    if (!any) return;
  }
}
pump();
console.log(b.log.queries.attachments().map((r) => r.name), b.progress(f.value.fileId, now()));
const r = b.request(f.value.fileId, {}, now()); console.log(r);
pump();
console.log("fetch ms", performance.now() - t0, "wire", wire, wire / size);
console.log(b.progress(f.value.fileId, now()));
for (const e of [a, b]) for (let t = e.pollEvents(); t; t = e.pollEvents()) if (t.kind !== "progressed") console.log(t);
