/** request, pause, resume, cancel and delete, as an app calls them: at once, once or twice, and in the wrong moment. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileSync, WantState } from "../../core/index.ts";
import {
  bytesOf,
  content,
  inCircle,
  message,
  onSlowLine,
  partsIn,
  passUntil,
  passWhile,
  rejects,
  unknownFile,
} from "./circle.ts";
import { copyOf } from "./copy.ts";

const test = suite("api: control");

const verbs = ["request", "pause", "resume", "cancel"] as const;

test("every call acts before it gives its promise back", () =>
  onSlowLine(async ({ ben, fileId, toPercent }) => {
    const acts = async (verb: (typeof verbs)[number], status: WantState): Promise<void> => {
      const durable = ben[verb](fileId);
      assert.is(ben.progress(fileId)?.status, status, verb);
      assert.is(ben.downloads().get(fileId)?.status, status);
      await durable;
    };
    await acts("request", "active");
    await toPercent(20);
    await acts("pause", "paused");
    await acts("resume", "active");
    await acts("pause", "paused");
    await acts("request", "active");
    await acts("cancel", "cancelled");
    await acts("request", "active");
  }));

test("calling twice is the same as once, for each of them", () =>
  onSlowLine(async ({ circle, ben, fileId, toPercent }) => {
    const logBytes = (): number => circle.storageOf("ben").bytes("events.log").length;
    for (const verb of ["request", "pause", "resume", "cancel"] as const) {
      await ben[verb](fileId);
      const before = { log: logBytes(), progress: ben.progress(fileId) };
      await Promise.all([ben[verb](fileId), ben[verb](fileId)]);
      assert.is(logBytes(), before.log, `${verb}: nothing more is recorded`);
      assert.is(ben.progress(fileId), before.progress, `${verb}: the very same snapshot`);
    }
    await ben.request(fileId);
    await toPercent(100);
    await ben.request(fileId);
    assert.is(ben.progress(fileId)?.status, "complete", "requested again it stays complete");
  }));

test("what a status does not allow is refused by name", () =>
  onSlowLine(async ({ ben, fileId, clock, toPercent }) => {
    for (const verb of ["pause", "resume", "cancel"] as const) {
      await rejects(ben[verb](fileId), "want_unknown");
      await rejects(ben[verb](unknownFile), "want_unknown");
    }
    await rejects(ben.whenComplete(fileId), "want_unknown");
    await rejects(ben.whenComplete(unknownFile), "want_unknown");
    await ben.request(fileId, { ttlMs: 50 });
    const waiting = rejects(ben.whenComplete(fileId), "want_expired");
    await clock.pass(60);
    await waiting;
    for (const verb of ["pause", "resume"] as const) await rejects(ben[verb](fileId), "want_expired");
    await ben.cancel(fileId);
    for (const verb of ["pause", "resume"] as const) await rejects(ben[verb](fileId), "want_cancelled");
    await rejects(ben.whenComplete(fileId), "want_cancelled");
    await ben.request(fileId);
    await toPercent(100);
    for (const verb of ["pause", "resume", "cancel"] as const) await rejects(ben[verb](fileId), "want_complete");
    assert.is((await ben.blob(fileId)).size, 1_000_000, "and refusals changed nothing");
  }));

test("bad arguments are told by name, and change nothing", () =>
  onSlowLine(async ({ ben, fileId }) => {
    const badIds = [undefined, null, 7, "", "abc", fileId.toUpperCase(), `${fileId}0`, "../../../etc/passwd", {}];
    for (const bad of badIds as string[]) {
      for (const verb of [...verbs, "delete", "whenComplete", "blob"] as const)
        await rejects(() => ben[verb](bad), "argument_invalid", "fileId");
      for (const verb of ["progress", "watch", "read"] as const)
        await rejects(() => ben[verb](bad), "argument_invalid", "fileId");
    }
    for (const priority of [0, 11, 1.5, Number.NaN, "5"] as number[])
      await rejects(ben.request(fileId, { priority }), "argument_invalid", "priority");
    for (const ttlMs of [-1, 0.5, Number.POSITIVE_INFINITY, "1"] as number[])
      await rejects(ben.request(fileId, { ttlMs }), "argument_invalid", "ttlMs");
    await rejects(() => ben.subscribe(undefined as never), "argument_invalid", "listener");
    await rejects(() => ben.attachments({ messageId: "abc" }), "argument_invalid", "messageId");
    await rejects(() => ben.setGroup({ name: "circle", members: [], keys: [] }), "argument_invalid", "group.keys");
    assert.is(ben.progress(fileId)?.status, "none");
  }));

test("pause holds: nothing comes but what was in flight; resume goes on from what is held", () =>
  onSlowLine(async ({ ben, fileId, bytes, clock, toPercent }) => {
    await ben.request(fileId);
    await toPercent(50);
    await ben.pause(fileId);
    await clock.pass(5_000);
    const held = ben.progress(fileId)?.slicesReceived ?? 0;
    await clock.pass(3_600_000);
    assert.is(ben.progress(fileId)?.slicesReceived, held);
    assert.is(ben.progress(fileId)?.bytesPerSecond, undefined);
    await ben.resume(fileId);
    assert.ok((ben.progress(fileId)?.slicesReceived ?? 0) >= held);
    await toPercent(100);
    assert.equal(await bytesOf(ben.read(fileId)), bytes);
  }));

test("cancel gives the space back once it resolves; with keepSlices it does not, and a request goes on from there", () =>
  onSlowLine(async ({ circle, ben, fileId, toPercent }) => {
    const parts = (): string[] => partsIn(circle.storageOf("ben").files());
    await ben.request(fileId);
    await toPercent(40);
    await ben.cancel(fileId, { keepSlices: true });
    assert.equal(parts(), [`leaves/${fileId}`, `slices/${fileId}`]);
    await ben.request(fileId);
    assert.ok((ben.progress(fileId)?.percent ?? 0) >= 40);
    await ben.cancel(fileId);
    assert.equal(parts(), []);
    await ben.request(fileId);
    assert.is(ben.progress(fileId)?.slicesReceived, 0, "a clean start");
    await toPercent(100);
  }));

test("of two files the one with the higher priority is fetched first, and a second request can turn that around", () =>
  onSlowLine(async ({ anna, ben, clock, fileId: first }) => {
    const { fileId: second } = await anna.attach(content(1_000_000), { messageId: message });
    await passUntil(clock, "ben hears of both", () => ben.attachments().length === 2);
    await ben.request(first, { priority: 3 });
    await ben.request(second, { priority: 8 });
    const percents = (): number[] => [first, second].map((each) => ben.progress(each)?.percent ?? 0);
    await passUntil(clock, "the second is half there", () => (percents()[1] ?? 0) >= 50);
    assert.ok((percents()[0] ?? 0) < 20, `the first waits: ${percents()}`);
    const secondBefore = percents()[1] ?? 0;
    await ben.request(first, { priority: 10 });
    assert.is(ben.progress(first)?.priority, 10);
    await passUntil(clock, "the first is there", () => percents()[0] === 100);
    // What was asked for before the change still comes.
    assert.ok((percents()[1] ?? 0) < secondBefore + 40, `now the second waits: ${percents()}`);
    await passUntil(clock, "both are there", () => percents()[1] === 100);
  }));

test("a time to live ends a want that nobody fulfils, after a restart too; asked for again it is fetched", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna", { transport: [] });
    const { fileId } = await anna.attach(content(1000), { messageId: message });
    const ben = await circle.open("ben");
    await ben.request(fileId, { ttlMs: 300 });
    await ben.close();
    const again = await circle.open("ben");
    assert.is(again.progress(fileId)?.status, "active");
    const error = await rejects(again.whenComplete(fileId), "want_expired");
    assert.is(error.retryable, true);
    await anna.close();
    await circle.open("anna");
    await again.request(fileId);
    await again.whenComplete(fileId);
  }));

/** A copy of the store as it is on disk the moment a call resolved, opened as after a crash. */
test("what a call resolved for is in the store: a copy made right then opens in that state", () =>
  onSlowLine(async ({ circle, ben, fileId, toPercent }) => {
    const stateOfCopy = async (): Promise<WantState | undefined> => {
      const copy: FileSync = await circle.open("ben", {
        storage: await copyOf(circle.storageOf("ben")),
        transport: [],
      });
      const status = copy.progress(fileId)?.status;
      await copy.close();
      return status;
    };
    assert.is(await stateOfCopy(), "none");
    for (const [verb, status] of [
      ["request", "active"],
      ["pause", "paused"],
      ["resume", "active"],
      ["cancel", "cancelled"],
      ["request", "active"],
    ] as const) {
      await ben[verb](fileId);
      assert.is(await stateOfCopy(), status);
    }
    await toPercent(100);
    await ben.whenComplete(fileId);
    assert.is(await stateOfCopy(), "complete");
  }));

test("delete: by its author only; the other side's file, attachment and want go", () =>
  onSlowLine(async ({ circle, anna, ben, clock, fileId, toPercent }) => {
    await rejects(ben.delete(fileId), "not_author");
    await rejects(ben.delete(unknownFile), "file_unknown");
    await ben.request(fileId);
    await toPercent(30);
    const waiting = rejects(ben.whenComplete(fileId), "file_deleted");
    await anna.delete(fileId);
    await anna.delete(fileId);
    assert.equal(anna.attachments(), []);
    assert.equal(partsIn(circle.storageOf("anna").files()), []);
    await passWhile(clock, waiting);
    assert.equal(ben.attachments(), []);
    await passUntil(clock, "the slices are dropped", () => partsIn(circle.storageOf("ben").files()).length === 0);
    for (const sync of [anna, ben]) {
      await rejects(sync.request(fileId), "file_deleted");
      await rejects(bytesOf(sync.read(fileId)), "file_deleted");
      await rejects(sync.blob(fileId), "file_deleted");
    }
  }));

test.run();
