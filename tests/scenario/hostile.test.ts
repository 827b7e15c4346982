/** Whatever a peer sends: nobody crashes, nobody's memory grows without bound, nothing is written that is not ours (G-8). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "../../core/base/bytes.ts";
import type { FileId } from "../../core/base/ids.ts";
import { messageBytesMax, openRequestsMax } from "../../core/limits.ts";
import { filterBytesOf } from "../../core/sync/bloom.ts";
import { encodeMessage, messageTypes } from "../../core/sync/messages.ts";
import { between, pick } from "../support/draw.ts";
import { contentOf } from "../file/content.ts";
import { pair, type Device } from "../support/world.ts";
import { fetchFile, miB, share } from "./story.ts";

const test = suite("scenario: hostile");

const ourFiles = /^(format|events\.log|projections\.(cache|next)|(slices|leaves)\/[0-9a-f]{32})$/;

test("20,000 random and mutated messages: no crash, no growth, no file, and the transfer completes (G-8)", async () => {
  // Goal: a hostile member can only waste its own time. Method: random bytes behind real types, and real messages with
  // bytes changed, cut, doubled and out of order, in the middle of a transfer.
  const { world, ana, ben } = await pair({ seed: 1, link: { bytesPerSecond: 2_000_000 } });
  const bytes = contentOf(600_000);
  const fileId = await share(world, ana, [ben], bytes);
  const seen: Uint8Array[] = [];
  world.tap(({ bytes }) => void (seen.length < 400 && seen.push(bytes.slice())));
  ben.request(fileId);
  await world.run({ forMs: 100 });
  const { random } = world;
  const send = (to: Device, from: Device): void => {
    let message: Uint8Array;
    if (between(random, 0, 2) === 0) {
      const type = Uint8Array.of(pick(random, Object.values(messageTypes)));
      message = concatBytes(type, random.bytes(between(random, 0, 200)));
    } else {
      message = pick(random, seen).slice(0, between(random, 1, 70_000));
      for (let n = between(random, 0, 3); n > 0; n--) message[between(random, 0, message.length - 1)] = random.u32();
    }
    if (message[0] === messageTypes.hello) return; // another version or group ends the connection, as it should
    to.receive(from.peerId, message);
  };
  for (let n = 0; n < 20_000; n++) {
    send(ana, ben);
    send(ben, ana);
    if (n % 50 === 0) {
      await world.run({ forMs: 5 });
      world.connect(ana, ben); // who sends nothing but nonsense is dropped, and dials again
    }
    for (const [device, peer] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const load = device.engine.loadOf(peer.peerId);
      assert.ok((load?.requests ?? 0) <= openRequestsMax && (load?.answers ?? 0) <= openRequestsMax);
    }
  }
  for (const device of [ana, ben]) for (const name of device.storage.list("")) assert.match(name, ourFiles);
  // A member that answers like that may have been taken for a liar, or dropped; asked anew it is believed anew.
  world.connect(ana, ben);
  if (ben.status(fileId) === "active") ben.cancel(fileId, { keepSlices: true });
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test("a flood of requests: bounded, refused by name, and what was asked in order is answered (G-8, G-10)", async () => {
  // Goal: asking is cheap, so it must not cost the asked. Method: 10,000 requests at once while nothing can be sent.
  const { world, ana, ben } = await pair({ seed: 2, link: { bytesPerSecond: 1000, queueBytesMax: 1 } });
  const fileId = await world.attach(ana, contentOf(450_000));
  await world.run({ forMs: 5000 });
  const at = { fileId, window: 3, windows: 1, windowCount: 16, limit: 63, frameBytes: 0, filter: new Uint8Array(0) };
  for (let round = 0; round < 10_000; round++) {
    ana.receive(ben.peerId, encodeMessage("sync_file", { ...at, round }));
    ana.receive(ben.peerId, encodeMessage("sync", { window: 0, windowCount: 1, round, filter: new Uint8Array(0) }));
    ana.receive(ben.peerId, encodeMessage("sync_file_leaves", { fileId, first: 0 }));
  }
  const load = ana.engine.loadOf(ben.peerId);
  assert.ok((load?.answers ?? 0) <= openRequestsMax, `${load?.answers} answers wait`);
  assert.ok((load?.messages ?? 0) <= 2 * openRequestsMax, `${load?.messages} messages wait`);
});

test("requests that do not fit the file: another window count, a window too far, a wrong filter, each by its name (G-8)", async () => {
  // Goal: every refusal has a name. Method: one wrong request of each kind; the codes that come back.
  const { world, ana, ben } = await pair({ seed: 3 });
  const fileId = await share(world, ana, [ben], contentOf(450_000));
  const at = {
    fileId,
    window: 3,
    windows: 1,
    windowCount: 16,
    limit: 63,
    frameBytes: 0,
    round: 1,
    filter: new Uint8Array(0),
  };
  const wrong: readonly (readonly [Uint8Array, string])[] = [
    [encodeMessage("sync_file", { ...at, windowCount: 8 }), "window_mismatch"],
    [encodeMessage("sync_file", { ...at, window: 16 }), "window_mismatch"],
    [encodeMessage("sync_file", { ...at, windows: 0 }), "window_mismatch"],
    [encodeMessage("sync_file", { ...at, windows: 14 }), "window_mismatch"],
    [encodeMessage("sync_file", { ...at, windows: 2, limit: 125 }), "window_mismatch"],
    [encodeMessage("sync_file", { ...at, windows: 65_535 }), "window_mismatch"],
    [encodeMessage("sync_file", { ...at, filter: new Uint8Array(filterBytesOf(63) + 1) }), "filter_size_invalid"],
    [
      encodeMessage("sync_file", { ...at, windows: 2, limit: 126, filter: new Uint8Array(filterBytesOf(63)) }),
      "filter_size_invalid",
    ],
    [encodeMessage("sync_file", { ...at, fileId: "ab".repeat(16) as FileId }), "not_held"],
    [encodeMessage("sync", { window: 3, windowCount: 3, round: 1, filter: new Uint8Array(0) }), "window_mismatch"],
    [encodeMessage("sync", { window: 1, windowCount: 1, round: 1, filter: new Uint8Array(0) }), "window_mismatch"],
    [encodeMessage("sync", { window: 0, windowCount: 1, round: 1, filter: new Uint8Array(9) }), "filter_size_invalid"],
    [encodeMessage("slices", { fileId, window: 3, round: 1, runs: [], sealed: new Uint8Array(0) }), "not_wanted"],
    [Uint8Array.of(0x7f), "message_type_unknown"],
    [new Uint8Array(messageBytesMax + 1).fill(0x14), "message_too_large"],
  ];
  for (const [message, code] of wrong) {
    ben.events.length = 0;
    ana.receive(ben.peerId, message);
    await world.run({ forMs: 100 });
    const codes = ben.events.flatMap((event) => (event.kind === "refused_by" ? [event.code] : []));
    assert.ok(codes.includes(code as never), `${code}, got ${codes.join(", ")}`);
  }
  await fetchFile(world, [ben], fileId);
});

test("another version, another group: the connection ends, and nothing was given away before (G-7, G-8)", async () => {
  // Goal: groups do not mix. Method: the same two members under two names of the group.
  const { world, ana, ben } = await pair({ seed: 4 });
  await world.attach(ana, contentOf(1000));
  world.disconnect(ana, ben);
  ben.setGroup({ ...ben.group, name: "another group" });
  const before = world.traffic(ana, ben).messagesOf("events");
  world.connect(ana, ben);
  await world.run({ forMs: 30_000 });
  assert.ok(ana.events.some((event) => event.kind === "peer_dropped"));
  assert.is(world.traffic(ana, ben).messagesOf("events"), before);
  assert.is(world.link(ana, ben)?.isUp, false);
});

test("what waits, is asked for and is staged is bounded by the flight, not by the file (G-10)", async () => {
  // Goal: a file twenty times as large takes no more. Method: the most that is in flight and waits, over two fetches.
  const most: number[] = [];
  for (const fileBytes of [2 * miB, 40 * miB]) {
    const link = { bytesPerSecond: 20_000_000, delayMs: 20 };
    const { world, ana, ben } = await pair({ seed: 5, link, device: { storage: "memory" } });
    const fileId = await share(world, ana, [ben], contentOf(fileBytes));
    let inFlightBytes = 0;
    world.check(() => {
      inFlightBytes = Math.max(inFlightBytes, ben.engine.loadOf(ana.peerId)?.inFlightBytes ?? 0);
      const load = ana.engine.loadOf(ben.peerId);
      assert.ok((load?.answers ?? 0) <= openRequestsMax);
    });
    await fetchFile(world, [ben], fileId);
    most.push(inFlightBytes);
  }
  const [small, large] = most as [number, number];
  assert.ok(large <= Math.max(4.1 * miB, small), `${small} and ${large} bytes in flight`);
});

test.run();
