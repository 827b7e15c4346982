/** Who is in and who is out: members, group keys, and groups that must not mix. Proves G-7 at the public face. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createGroupKey, memoryStorage, type FileSync } from "../../core/index.ts";
import { memoryNetwork } from "../../core/transport/memory.ts";
import { systemClock } from "../../core/transport/system-clock.ts";
import { systemRandom } from "../../core/base/random.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import {
  bytesOf,
  circleOf,
  content,
  inCircle,
  message,
  onSlowLine,
  partsIn,
  passUntil,
  passWhile,
  pause,
  rejects,
  until,
} from "./circle.ts";

const test = suite("api: group");

test("a member removed in the middle of a transfer is disconnected and gets nothing more (G-7)", () =>
  onSlowLine(async ({ circle, anna, ben, fileId, clock, toPercent }) => {
    await ben.request(fileId);
    await toPercent(40);
    const without = {
      ...circle.group,
      members: [circle.peerId("anna")],
      keys: [createGroupKey(), ...circle.group.keys],
    };
    anna.setGroup(without);
    anna.setGroup(without);
    // What had left before the call may still come in.
    await clock.pass(1500);
    const held = ben.progress(fileId)?.slicesReceived;
    await anna.attach(content(10), { messageId: message, name: "not for ben" });
    await clock.pass(120_000);
    assert.is(ben.progress(fileId)?.slicesReceived, held);
    assert.is(ben.attachments().length, 1);
    assert.is(ben.progress(fileId)?.status, "active", "for ben it is a peer that went away");
    anna.setGroup({ ...without, members: circle.group.members });
    await toPercent(100);
    await clock.pass(1000);
    assert.is(ben.attachments().length, 1, "what was sealed with a key that ben lacks stays shut");
  }));

test("a new member gets the descriptors with the old keys that are handed over, and then the files", () =>
  inCircle(["anna", "ben", "cleo"], async (circle) => {
    const old = { ...circle.group, members: [circle.peerId("anna"), circle.peerId("ben")] };
    const anna = await circle.open("anna", { group: old });
    const cleo = await circle.open("cleo", { group: circle.group });
    const bytes = content(100_000);
    const { fileId } = await anna.attach(bytes, { messageId: message, name: "before cleo" });
    await pause(50);
    assert.equal(cleo.attachments(), [], "not a member at anna's yet");
    const renewed = { ...circle.group, keys: [createGroupKey(), ...circle.group.keys] };
    anna.setGroup(renewed);
    cleo.setGroup(renewed);
    await anna.attach(content(10), { messageId: message, name: "since cleo" });
    await until("cleo knows both", () => cleo.attachments().length === 2);
    assert.equal(
      cleo.attachments().map(({ name }) => name),
      ["before cleo", "since cleo"],
    );
    await cleo.request(fileId);
    await cleo.whenComplete(fileId);
    assert.equal(await bytesOf(cleo.read(fileId)), bytes);
  }));

test("a key that is dropped: what it had opened stays known, what comes later sealed with it stays shut", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna");
    const ben = await circle.open("ben");
    await anna.attach(content(10), { messageId: message, name: "old" });
    await until("ben hears of it", () => ben.attachments().length === 1);
    ben.setGroup({ ...circle.group, keys: [createGroupKey()] });
    await anna.attach(content(10), { messageId: message, name: "shut" });
    await pause(50);
    assert.equal(
      ben.attachments().map(({ name }) => name),
      ["old"],
    );
    ben.setGroup(circle.group);
    await until("it opens", () => ben.attachments().length === 2);
  }));

test("a bad group changes nothing, and the app's list and keys are its own", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna");
    const ben = await circle.open("ben");
    const members = new Set(circle.group.members);
    anna.setGroup({ ...circle.group, members });
    members.clear();
    await rejects(() => anna.setGroup({ ...circle.group, members: ["x"] }), "argument_invalid", "group.members");
    await rejects(() => anna.setGroup({ ...circle.group, keys: [new Uint8Array(31)] }), "key_length_invalid");
    await rejects(() => anna.setGroup(undefined as never), "argument_invalid", "group.name");
    await anna.attach(content(1), { messageId: message });
    await until("ben hears of it", () => ben.attachments().length === 1);
  }));

test("two groups of the same members, wired together by mistake: nothing of one gets into the other (G-7)", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const work = { ...circle.group, name: "work" };
    const home = { ...circle.group, name: "home" };
    const anna = await circle.open("anna", { group: work });
    const { fileId } = await anna.attach(content(10_000), { messageId: message, name: "salaries" });
    const lines: string[] = [];
    const line = (text: string, fields?: object): void => void lines.push(JSON.stringify([text, fields]));
    const ben = await circle.open("ben", { group: home, logger: { debug: line, info: line, warn: line, error: line } });
    await ben.request(fileId);
    await until("the mistake is named", () => lines.some((each) => each.includes("group_mismatch")));
    await pause(1000);
    assert.equal(ben.attachments(), []);
    assert.equal(partsIn(circle.storageOf("ben").files()), []);
    const annaEvents = circle.storageOf("anna").bytes("events.log");
    const benEvents = circle.storageOf("ben").bytes("events.log");
    const signature = Buffer.from(annaEvents.subarray(annaEvents.length - 64));
    assert.is(Buffer.from(benEvents).indexOf(signature), -1, "not even what it cannot read");
  }));

test("two groups of the same members, each over its own connection: each has its own", async () => {
  const work = await circleOf(["anna", "ben"]);
  const network = memoryNetwork(systemClock(), systemRandom());
  network.connect("anna", "ben");
  const home = { ...work.group, name: "home", keys: [createGroupKey()] };
  try {
    const openHome = (name: string): Promise<FileSync> =>
      work.open(name, { group: home, storage: memoryStorage(), transport: network.transport(name) });
    const [annaWork, benWork] = [await work.open("anna"), await work.open("ben")];
    const [annaHome, benHome] = [await openHome("anna"), await openHome("ben")];
    await annaWork.attach(content(10), { messageId: message, name: "salaries" });
    await annaHome.attach(content(10), { messageId: message, name: "holiday" });
    await until("ben has both", () => benWork.attachments().length + benHome.attachments().length === 2);
    assert.equal(
      benWork.attachments().map(({ name }) => name),
      ["salaries"],
    );
    assert.equal(
      benHome.attachments().map(({ name }) => name),
      ["holiday"],
    );
  } finally {
    await work.end();
  }
});

test("a member taken out and in again at once: the transfer goes on", async () => {
  const clock = virtualClock();
  await inCircle(
    ["anna", "ben"],
    async (circle) => {
      const [anna, ben] = [await circle.open("anna"), await circle.open("ben")];
      const { fileId } = await anna.attach(content(200_000), { messageId: message });
      await passUntil(clock, "ben hears of it", () => ben.attachments().length === 1);
      await ben.request(fileId);
      anna.setGroup({ ...circle.group, members: [circle.peerId("anna")] });
      anna.setGroup(circle.group);
      await passWhile(clock, ben.whenComplete(fileId));
    },
    { clock, line: { delayMsMin: 5 } },
  );
});

test.run();
