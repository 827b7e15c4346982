/** A member that sends as much as it can: what waits for it stays bounded, and the event loop goes on (G-8, G-10). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId, MessageId } from "../../core/base/ids.ts";
import { Refresher } from "../../core/host/refresher.ts";
import { Snapshots } from "../../core/host/snapshots.ts";
import { openRequestsMax, outboxMessagesMax, snapshotsCheapMax, syncRequestsMax } from "../../core/limits.ts";
import { filterBytesOf } from "../../core/sync/bloom.ts";
import { encodeMessage } from "../../core/sync/messages.ts";
import type { Progress } from "../../core/sync/progress.ts";
import { createMessageAttachment, fileIdOf, keyCommitmentOf, type Event } from "../../events/index.ts";
import { contentOf } from "../file/content.ts";
import { share } from "../scenario/story.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { pair, type Device, type World } from "../support/world.ts";

const test = suite("attack: floods");

const nothing = new Uint8Array(0);

function descriptorBy(device: Device, world: World): Event {
  const { random } = world;
  const parts = { fileKey: random.bytes(32), noncePrefix: random.bytes(20), rootHash: random.bytes(32), fileBytes: 1 };
  const fileId = fileIdOf({ ...parts, keyCommitment: keyCommitmentOf(parts.fileKey) });
  const about = {
    messageId: "ab".repeat(16) as MessageId,
    name: "",
    mediaType: "",
    width: 0,
    height: 0,
    preview: nothing,
  };
  const createdAtMs = world.now();
  const groupKey = device.group.keys[0] as Uint8Array;
  return createMessageAttachment(
    { ...parts, ...about, fileId, createdAtMs, ttlMs: 0 },
    device.identity,
    groupKey,
    random.bytes(24),
  );
}

test("asked and stopped, over and over, and nothing read: what waits stays bounded", async () => {
  const { world, ana, ben, link } = await pair({ seed: 1 });
  const fileId = await share(world, ana, [ben], contentOf(300_000));
  world.configure(link, { bytesPerSecond: 1, queueBytesMax: 0 });
  const at = { fileId, window: 0, windows: 1, windowCount: 8, limit: 1, frameBytes: 0, filter: nothing };
  for (let turn = 0; turn < 5; turn++) {
    for (let round = 0; round < openRequestsMax; round++)
      ana.receive(ben.peerId, encodeMessage("sync_file", { ...at, round }));
    ana.receive(ben.peerId, encodeMessage("sync_file_stop", { fileId }));
  }
  assert.ok((ana.engine.loadOf(ben.peerId)?.messages ?? 0) <= outboxMessagesMax);
});

test("3,000 requests for the whole log: a pass of them waits, the others are refused by name", async () => {
  const { ana, ben } = await pair({ seed: 2, link: { bytesPerSecond: 1, queueBytesMax: 0 } });
  const filter = new Uint8Array(filterBytesOf(400)).fill(255);
  for (let round = 0; round < 3000; round++)
    ana.receive(ben.peerId, encodeMessage("sync", { window: 0, windowCount: 1, round, filter }));
  assert.ok((ana.engine.loadOf(ben.peerId)?.answers ?? 0) <= syncRequestsMax);
  const codes = new Set(ana.events.flatMap((event) => (event.kind === "refused" ? [event.error.code] : [])));
  assert.equal([...codes], ["too_many_requests"]);
});

test("news for a peer that reads nothing: what waits stays bounded, and the peer hears of all of it later", async () => {
  const { world, ana, ben, link } = await pair({ seed: 3, device: { storage: "memory" } });
  world.configure(link, { bytesPerSecond: 1, queueBytesMax: 0 });
  const count = openRequestsMax + 500;
  for (let n = 0; n < count; n++) {
    const event = descriptorBy(ana, world);
    ana.engine.addAttachment([event], world.now());
    ana.engine.announce([event.id]);
  }
  assert.ok((ana.engine.loadOf(ben.peerId)?.answers ?? 0) <= openRequestsMax);
  world.disconnect(ana, ben);
  world.connect(ana, ben, { bytesPerSecond: 12_500_000, queueBytesMax: 512 * 1024 });
  await world.run({ until: () => ben.log.queries.attachments().length === count });
});

test("10,000 attachments come in within a second: a thousand are told at once, the others ten times a second", () => {
  const clock = virtualClock();
  const snapshots = new Snapshots(
    (fileId) => ({ fileId, status: "none" }) as Progress,
    () => assert.unreachable(),
  );
  const refresher = new Refresher({ clock, snapshots });
  let updates = 0;
  snapshots.subscribe(() => updates++);
  for (let n = 0; n < 10_000; n++) {
    refresher.onEvent({ kind: "attachment_added", fileId: String(n) as FileId });
    if (n % 10 === 0) clock.advance(1);
  }
  clock.advance(100);
  assert.ok(updates <= snapshotsCheapMax + 12, `${updates} updates`);
  assert.is(snapshots.all.size, 10_000);
  assert.is(clock.pendingCount(), 0);
});

test("10,000 files that are asked about one by one make no map each, and are all in the next", () => {
  const snapshots = new Snapshots(
    (fileId) => ({ fileId, status: "none" }) as Progress,
    () => assert.unreachable(),
  );
  const empty = snapshots.all;
  const first = snapshots.get("0" as FileId);
  for (let n = 0; n < 10_000; n++) snapshots.get(String(n) as FileId);
  assert.is(snapshots.get("0" as FileId), first);
  assert.is(snapshots.all.size, 10_000);
  assert.is(snapshots.all.get("0" as FileId), first);
  assert.is(snapshots.all, snapshots.all);
  assert.is(empty.size, 0);
});

test.run();
