/** Members that keep what they are asked for: an honest holder beside them is enough, whoever was connected first (G-6). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sealedSliceBytes } from "../../core/limits.ts";
import { encodeMessage } from "../../core/sync/messages.ts";
import { contentOf } from "../file/content.ts";
import { share } from "../scenario/story.ts";
import { meeting, type Device, type World } from "../support/world.ts";

const test = suite("attack: stalls");

type Misbehave = (world: World, liar: Device, victim: Device) => void;

const dripMs = 300;
const drips = 2000;

function drip(world: World, liar: Device, victim: Device, bytes: Uint8Array, left = drips): void {
  if (left === 0 || !victim.isUp) return;
  world.later(dripMs, () => {
    victim.receive(liar.peerId, bytes);
    drip(world, liar, victim, bytes, left - 1);
  });
}

const misbehaviours: Readonly<Record<string, Misbehave>> = {
  "answers nothing at all": (world, liar) =>
    void world.tap(({ from, name }) => (from === liar && name !== "hello" ? "drop" : undefined)),
  "says that it sent, and sends no slice": (world, liar) =>
    void world.tap(({ from, name }) => (from === liar && name === "slices" ? "drop" : undefined)),
  "sends slices without slices, for ever, as a sign of life": (world, liar, victim) =>
    void world.tap((passing) => {
      const message = passing.to === liar ? passing.message() : undefined;
      if (message?.name === "sync_file") {
        const { fileId, window, round } = message;
        const empty = encodeMessage("slices", { fileId, window, round, runs: [], sealed: new Uint8Array(0) });
        drip(world, liar, victim, empty);
      }
      const isAnswer = passing.name === "slices" || passing.name === "sync_file_reply";
      return passing.from === liar && isAnswer ? "drop" : undefined;
    }),
  "sends leaves without leaves, for ever": (world, liar, victim) =>
    void world.tap((passing) => {
      const message = passing.from === liar ? passing.message() : undefined;
      if (message?.name !== "file_leaves") return undefined;
      const bytes = encodeMessage("file_leaves", { ...message, leaves: new Uint8Array(0) });
      drip(world, liar, victim, bytes);
      return { bytes };
    }),
};

for (const [what, misbehave] of Object.entries(misbehaviours)) {
  for (const liarCount of [1, 3]) {
    test(`${liarCount} that ${what}, connected before the honest one: the file is completed within a minute (G-6)`, async () => {
      // Goal: no order of peers lets a liar keep a window or the leaves to itself. Method: liars first, one honest holder last.
      const names = Array.from({ length: liarCount }, (_, i) => `liar ${i}`);
      const { world, devices } = await meeting({ seed: 1 }, [...names, "ana", "ben"]);
      const [ana, ben] = devices.slice(liarCount) as [Device, Device];
      const liars = devices.slice(0, liarCount);
      const bytes = contentOf(300_000);
      const fileId = await share(world, ana, [ben], bytes);
      for (const liar of liars) liar.request(fileId);
      await world.run({ until: () => liars.every((liar) => liar.status(fileId) === "complete") });
      for (const liar of liars) misbehave(world, liar, ben);
      const startMs = world.now();
      ben.request(fileId);
      await world.run({ until: () => ben.status(fileId) === "complete" });
      assert.ok(world.now() - startMs <= 60_000, `${world.now() - startMs} ms`);
      assert.equal(ben.read(fileId), bytes);
    });
  }
}

test("one slice at a time, always just in time: the window is given up and comes from the honest one (G-6)", async () => {
  // Goal: a trickle is no way to hold a window. Method: one slice a second for each request, and never an end.
  const { world, devices } = await meeting({ seed: 2 }, ["liar", "ana", "ben"]);
  const [liar, ana, ben] = devices as [Device, Device, Device];
  const bytes = contentOf(300_000);
  const fileId = await share(world, ana, [ben], bytes);
  liar.request(fileId);
  await world.run({ until: () => liar.status(fileId) === "complete" });
  world.tap((passing) => {
    const message = passing.from === liar ? passing.message() : undefined;
    if (message?.name === "sync_file_reply") return "drop";
    if (message?.name !== "slices") return undefined;
    const [run] = message.runs;
    if (run === undefined) return "drop";
    const { window, round } = message;
    for (let i = 0; i < run.count; i++) {
      const sealed = message.sealed.slice(i * sealedSliceBytes, (i + 1) * sealedSliceBytes);
      const one = { fileId, window, round, runs: [{ start: run.start + i, count: 1 }], sealed };
      world.later(900 * (i + 1), () => ben.receive(liar.peerId, encodeMessage("slices", one)));
    }
    return "drop";
  });
  const startMs = world.now();
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.ok(world.now() - startMs <= 60_000, `${world.now() - startMs} ms`);
  assert.equal(ben.read(fileId), bytes);
});

test("one slice an answer, each answer late: it is asked once, and the honest one for the rest (G-6)", async () => {
  // Goal: nor is giving little. Method: the first slice of each answer, a second and a half later, and its end.
  const { world, devices } = await meeting({ seed: 4 }, ["liar", "ana", "ben"]);
  const [liar, ana, ben] = devices as [Device, Device, Device];
  const bytes = contentOf(300_000);
  const fileId = await share(world, ana, [ben], bytes);
  liar.request(fileId);
  await world.run({ until: () => liar.status(fileId) === "complete" });
  world.tap((passing) => {
    const message = passing.from === liar ? passing.message() : undefined;
    if (message?.name === "sync_file_reply") return { delayMs: 1500 };
    if (message?.name !== "slices") return undefined;
    const runs = [{ start: message.runs[0]?.start ?? 0, count: 1 }];
    return { bytes: encodeMessage("slices", { ...message, runs, sealed: message.sealed.slice(0, sealedSliceBytes) }) };
  });
  const startMs = world.now();
  ben.request(fileId);
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.ok(world.now() - startMs <= 10_000, `${world.now() - startMs} ms`);
  assert.equal(ben.read(fileId), bytes);
});

for (const kind of ["an attachment", "a paused want"]) {
  test(`${kind} expires while the disk is full: the engine waits between its tries (G-8)`, async () => {
    // Goal: what is due and cannot be recorded keeps no core busy. Method: the device asserts that no timer fires at once for ever.
    const { world, devices } = await meeting({ seed: 3 }, ["ana", "ben"]);
    const [ana, ben] = devices as [Device, Device];
    const isAttachment = kind === "an attachment";
    const fileId = await share(world, ana, [ben], contentOf(1000), isAttachment ? { ttlMs: 20_000 } : {});
    world.disconnect(ana, ben);
    if (!isAttachment) {
      ben.request(fileId, { ttlMs: 20_000 });
      ben.pause(fileId);
    }
    await world.run({ forMs: 1000 });
    ben.setFaults({ failure: { call: 1, code: "storage_full", lasting: true } });
    await world.run({ forMs: 60_000 });
    const failures = ben.events.filter((event) => event.kind === "storage_failed").length;
    assert.ok(failures > 10 && failures < 100, `${failures} tries`);
    ben.setFaults({});
    await world.run({ forMs: 2000 });
    assert.is(ben.status(fileId), isAttachment ? "none" : "expired");
    if (isAttachment) assert.equal(ben.log.queries.attachments(), []);
  });
}

test.run();
