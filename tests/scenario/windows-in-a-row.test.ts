/** One request for several windows in a row: what is lost, damaged, not held or wrong in the middle is told apart. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileShape, sealedBytesOf, windowRange } from "../../core/base/sizes.ts";
import { messageBytesMax } from "../../core/limits.ts";
import { encodeMessage, type MessageOf } from "../../core/sync/messages.ts";
import { contentOf } from "../file/content.ts";
import { pair, type Device, type World } from "../support/world.ts";
import { fetchFile, fetchPart, miB, refusalsOf, share, SliceCount } from "./story.ts";

const test = suite("scenario: windows in a row");

const bytes = contentOf(4 * miB);
const fastLink = { delayMs: 1 };

type Asked = MessageOf<"sync_file">;

/** Every request for more than one window that passes from now on. */
function watchRows(world: World, asker: Device): Asked[] {
  const rows: Asked[] = [];
  world.tap((passing) => {
    const message = passing.message();
    if (passing.from === asker && message?.name === "sync_file" && message.windows > 1) rows.push(message);
  });
  return rows;
}

/** The author and another holder, who is not connected to the one that fetches. */
async function withSecondHolder(seed: number) {
  const { world, ana, ben } = await pair({ seed, link: fastLink });
  const cleo = await world.addDevice("cleo");
  world.connect(ana, cleo, fastLink);
  const fileId = await share(world, ana, [ben, cleo], bytes);
  await fetchFile(world, [cleo], fileId);
  return { world, ana, ben, cleo, fileId };
}

test("on a short path most windows are asked for in rows, and whole ones come in one message", async () => {
  // Goal: what a request costs is paid once for many windows. Method: requests and messages of a fetch are counted.
  const { world, ana, ben } = await pair({ seed: 1, link: fastLink });
  const fileId = await share(world, ana, [ben], bytes);
  const rows = watchRows(world, ben);
  let requests = 0;
  let longest = 0;
  world.tap((passing) => {
    const message = passing.message();
    if (message?.name === "sync_file") requests++;
    if (message?.name === "slices") {
      assert.is(message.runs.length, 1);
      assert.ok(passing.bytes.length <= messageBytesMax);
      longest = Math.max(longest, message.sealed.length);
    }
  });
  const sent = new SliceCount(world, fileId, ben);
  await fetchFile(world, [ben], fileId);
  const { windowsInUse, slicesPerWindow } = fileShape(Math.ceil(bytes.length / 450));
  assert.ok(rows.length > 5 && requests < windowsInUse / 3, `${requests} requests for ${windowsInUse} windows`);
  assert.ok(longest >= sealedBytesOf(slicesPerWindow));
  assert.is(sent.repeated, 0);
  assert.equal(ben.read(fileId), bytes);
});

test("a message of a row is lost: what it held is asked for again, and nothing else", async () => {
  // Goal: a loss costs what was lost. Method: the first message in the middle of a row is dropped.
  const { world, ana, ben } = await pair({ seed: 2, link: fastLink });
  const fileId = await share(world, ana, [ben], bytes);
  const rows = watchRows(world, ben);
  const sent = new SliceCount(world, fileId, ben);
  let lost = 0;
  world.tap((passing) => {
    const message = passing.message();
    if (message?.name !== "slices" || lost > 0 || !rows.some(({ round }) => round === message.round)) return undefined;
    lost = message.sealed.length / sealedBytesOf(1);
    return "drop";
  });
  await fetchFile(world, [ben], fileId);
  assert.ok(lost > 0, "one was dropped");
  assert.is(sent.repeated, lost);
  assert.equal(ben.read(fileId), bytes);
});

test("the answer to a row is cut off in the middle: what came of it is kept, the rest is asked of whoever is there", async () => {
  // Goal: a connection that breaks costs what was on its way. Method: it breaks behind the first message of a row.
  const { world, ana, ben } = await pair({ seed: 3, link: { delayMs: 1, bytesPerSecond: 2_000_000 } });
  const fileId = await share(world, ana, [ben], bytes);
  ben.request(fileId);
  await world.run({ until: () => (ben.engine.loadOf(ana.peerId)?.requests ?? 0) > 1 });
  await fetchPart(world, ben, fileId, 0.4);
  const held = ben.progress(fileId)?.slicesReceived ?? 0;
  world.disconnect(ana, ben);
  await world.run({ forMs: 5000 });
  assert.ok((ben.progress(fileId)?.slicesReceived ?? 0) >= held);
  world.connect(ana, ben);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("a window in the middle of a row is damaged at the holder: the others come, and it comes from another (G-1)", async () => {
  // Goal: damage at rest neither travels nor holds up what is sound. Method: a bit flips in the middle of the author's file.
  const { world, ana, ben, cleo, fileId } = await withSecondHolder(4);
  const shape = fileShape(Math.ceil(bytes.length / 450));
  const damaged = Math.floor(shape.windowsInUse / 2);
  const at = sealedBytesOf(windowRange(shape, damaged).start) + 100;
  const slice = new Uint8Array(1);
  const file = ana.engine.log.slices.file(fileId, false);
  file?.readAt(slice, at);
  file?.writeAt(Uint8Array.of((slice[0] ?? 0) ^ 1), at);
  const before = world.traffic(ana, ben).bytesOf("slices");
  ben.request(fileId);
  await world.run({ forMs: 3000 });
  const held = ben.progress(fileId)?.slicesReceived ?? 0;
  assert.is(held, shape.sliceCount - windowRange(shape, damaged).count, "all but the damaged window");
  assert.ok(world.traffic(ana, ben).bytesOf("slices") - before < 1.1 * bytes.length);
  world.connect(cleo, ben, fastLink);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("one wrong window in the middle of a row: it alone is refused, the sender is named, the rest counts (G-2)", async () => {
  // Goal: a lie costs the liar, not what is sound. Method: a bit flips on the way in the second message of a row.
  const { world, ben, cleo, fileId } = await withSecondHolder(5);
  const rows = watchRows(world, ben);
  let isFlipped = false;
  world.tap((passing) => {
    const message = passing.message();
    if (message?.name !== "slices" || isFlipped || !rows.some(({ round }) => round === message.round)) return undefined;
    isFlipped = true;
    const flipped = passing.bytes.slice();
    flipped[flipped.length - 20] = (flipped[flipped.length - 20] ?? 0) ^ 1;
    return { bytes: flipped };
  });
  ben.request(fileId);
  await world.run({ until: () => isFlipped });
  await world.run({ forMs: 1000 });
  assert.ok(refusalsOf(ben).includes("leaf_mismatch"), refusalsOf(ben).join());
  assert.is(ben.status(fileId), "active", "the liar is not asked again");
  assert.ok((ben.progress(fileId)?.slicesReceived ?? 0) > 0);
  world.connect(cleo, ben, fastLink);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("a holder of half the file: it gives those of a row that it has, and says how many", async () => {
  // Goal: part of a row is better than none. Method: the author goes away when a second holder has a part; a row asked by hand.
  const { world, ana, ben } = await pair({ seed: 6, link: { delayMs: 1, bytesPerSecond: 1_000_000 } });
  const fileId = await share(world, ana, [ben], bytes);
  await fetchPart(world, ben, fileId, 0.5);
  assert.ok(ben.pause(fileId).ok);
  await world.run({ forMs: 2000 });
  const shape = fileShape(Math.ceil(bytes.length / 450));
  const replies: MessageOf<"sync_file_reply">[] = [];
  let slices = 0;
  world.tap((passing) => {
    const message = passing.message();
    if (passing.from !== ben) return;
    if (message?.name === "sync_file_reply") replies.push(message);
    if (message?.name === "slices") slices += message.sealed.length / sealedBytesOf(1);
  });
  const windows = 20;
  const first = Math.floor(shape.windowsInUse / 2) - windows / 2;
  const asked = { fileId, window: first, windows, windowCount: shape.windowCount };
  const ask = encodeMessage("sync_file", {
    ...asked,
    round: 7,
    limit: 2 ** 32 - 1,
    frameBytes: 0,
    filter: new Uint8Array(0),
  });
  ben.receive(ana.peerId, ask);
  await world.run({ forMs: 20_000 });
  const [reply] = replies.filter(({ round }) => round === 7);
  const { count } = windowRange(shape, first, windows);
  assert.ok(reply !== undefined && reply.held > 0 && reply.held < count, `${reply?.held} of ${count} held`);
  assert.is(reply?.sent, slices);
  assert.is(reply?.held, slices);
});

test.run();
