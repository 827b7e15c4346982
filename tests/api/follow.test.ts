/** Following what goes on: snapshots that keep their identity, subscriptions, watching one file, waiting for its end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Progress } from "../../core/index.ts";
import {
  content,
  inCircle,
  message,
  onSlowLine,
  passUntil,
  passWhile,
  pause,
  rejects,
  unknownFile,
  until,
} from "./circle.ts";

const test = suite("api: follow");

test("snapshots: the same objects while nothing changes, new ones when something does, each other's left alone", () =>
  onSlowLine(async ({ anna, ben, fileId, clock, toPercent }) => {
    const { fileId: other } = await anna.attach(content(100), { messageId: message });
    await passUntil(clock, "ben hears of both", () => ben.attachments().length === 2);
    const before = { all: ben.downloads(), one: ben.progress(fileId), other: ben.progress(other) };
    await clock.pass(5000);
    assert.is(ben.downloads(), before.all);
    assert.is(ben.progress(fileId), before.one);
    assert.is(ben.downloads().get(fileId), before.one, "one object, wherever it is asked for");
    await ben.request(fileId);
    assert.is.not(ben.downloads(), before.all);
    assert.is.not(ben.progress(fileId), before.one);
    assert.is(ben.progress(other), before.other, "what did not change is the same");
    assert.is(before.one?.status, "none", "a snapshot that was given out does not change");
    assert.throws(() => Object.assign(ben.progress(fileId) as object, { percent: 100 }), /read only/);
    assert.throws(() => (ben.downloads() as unknown as Map<string, unknown>).clear());
    await toPercent(100);
    const done = ben.progress(fileId);
    await clock.pass(60_000);
    assert.is(ben.progress(fileId), done);
  }));

test("progress of what nobody knows is undefined, and asking does not make it known", () =>
  inCircle(["anna"], async (circle) => {
    const anna = await circle.open("anna");
    const before = anna.downloads();
    assert.is(anna.progress(unknownFile), undefined);
    assert.is(anna.downloads(), before);
  }));

test("percent never falls, 100 means complete, and no more than ten updates a second come", () =>
  onSlowLine(async ({ ben, fileId, clock, toPercent }) => {
    const seen: { readonly atMs: number; readonly progress: Progress }[] = [];
    ben.subscribe(() => seen.push({ atMs: clock.nowMs(), progress: ben.progress(fileId) as Progress }));
    await ben.request(fileId);
    await toPercent(100);
    const percents = seen.map(({ progress }) => progress.percent);
    assert.ok(
      percents.every((percent, i) => percent >= (percents[i - 1] ?? 0)),
      percents.join(" "),
    );
    assert.ok(seen.every(({ progress }) => (progress.percent === 100) === (progress.status === "complete")));
    for (const { atMs } of seen) {
      const within = seen.filter((each) => each.atMs >= atMs && each.atMs < atMs + 1000).length;
      assert.ok(within <= 12, `${within} updates within a second`); // ten, and a change of status at both ends
    }
    assert.ok(seen.length > 10);
    const { bytesPerSecond = 0, etaMs = 0, peers } = seen[Math.floor(seen.length / 2)]?.progress as Progress;
    assert.ok(bytesPerSecond > 100_000 && bytesPerSecond < 300_000, `${bytesPerSecond} of 200,000 bytes a second`);
    assert.ok(etaMs > 500 && etaMs < 6000, `${etaMs} ms are left`);
    assert.is(peers, 1);
  }));

test("a transfer that stands still says so, and then wakes nobody up", () =>
  onSlowLine(async ({ circle, ben, fileId, clock, toPercent }) => {
    await ben.request(fileId);
    await toPercent(30);
    circle.network.cut("anna", "ben");
    await clock.pass(5000);
    const { bytesPerSecond, etaMs, peers, status } = ben.progress(fileId) as Progress;
    assert.equal(
      { bytesPerSecond: bytesPerSecond ?? 0, etaMs, peers, status },
      { bytesPerSecond: 0, etaMs: undefined, peers: 0, status: "active" },
    );
    let calls = 0;
    ben.subscribe(() => calls++);
    await clock.pass(60_000);
    assert.is(calls, 0);
    circle.network.heal("anna", "ben");
    await toPercent(100);
  }));

test("subscribing: twice is called twice, each taken back for itself; taking back twice does no harm", () =>
  inCircle(["anna"], async (circle) => {
    const anna = await circle.open("anna");
    let calls = 0;
    const listener = (): void => void calls++;
    const [first, second] = [anna.subscribe(listener), anna.subscribe(listener)];
    await anna.attach(content(1), { messageId: message });
    assert.ok(calls >= 2 && calls % 2 === 0, `${calls} calls`);
    first();
    first();
    calls = 0;
    await anna.attach(content(1), { messageId: message });
    assert.ok(calls > 0);
    second();
    calls = 0;
    await anna.attach(content(1), { messageId: message });
    assert.is(calls, 0);
  }));

test("a listener that throws, and one that unsubscribes itself and another: the rest and the transfer go on", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const lines: unknown[] = [];
    const log = (...line: unknown[]): void => void lines.push(line);
    const logger = { debug() {}, info() {}, warn: log, error: log };
    const anna = await circle.open("anna");
    const ben = await circle.open("ben", { logger });
    const calls = { self: 0, other: 0, last: 0 };
    ben.subscribe(() => {
      throw new RangeError("holiday.jpg could not be drawn");
    });
    const stopSelf = ben.subscribe(() => {
      calls.self++;
      stopSelf();
      stopOther();
    });
    const stopOther = ben.subscribe(() => calls.other++);
    ben.subscribe(() => calls.last++);
    const { fileId } = await anna.attach(content(500_000), { messageId: message });
    await until("ben hears of it", () => ben.progress(fileId) !== undefined);
    await ben.request(fileId);
    await ben.whenComplete(fileId);
    assert.is(calls.self, 1);
    assert.is(calls.other, 0, "taken back before its turn");
    assert.ok(calls.last > 1);
    assert.match(JSON.stringify(lines), /a listener threw.*RangeError/);
    assert.not.match(JSON.stringify(lines), /holiday/);
  }));

test("a listener may call back in: what it asks for happens", () =>
  onSlowLine(async ({ ben, fileId, clock, toPercent }) => {
    let isPaused = false;
    ben.subscribe(() => {
      const percent = ben.progress(fileId)?.percent ?? 0;
      if (isPaused || percent < 30) return;
      isPaused = true;
      void ben.pause(fileId);
    });
    await ben.request(fileId);
    await passUntil(clock, "it is paused", () => ben.progress(fileId)?.status === "paused");
    await ben.resume(fileId);
    await toPercent(100);
  }));

test("watch: the present snapshot first, then each change, and the end by itself", () =>
  onSlowLine(async ({ ben, fileId, clock }) => {
    const seen: Progress[] = [];
    const watching = (async () => {
      for await (const progress of ben.watch(fileId)) seen.push(progress);
    })();
    await clock.pass(1);
    assert.equal(
      seen.map(({ status }) => status),
      ["none"],
    );
    await ben.request(fileId);
    await passWhile(clock, watching);
    assert.ok(seen.length > 10);
    assert.is(seen.at(-1)?.status, "complete");
    assert.is(new Set(seen).size, seen.length, "no snapshot comes twice");
    const again: Progress[] = [];
    for await (const progress of ben.watch(fileId)) again.push(progress);
    assert.equal(
      again.map(({ percent }) => percent),
      [100],
      "of one that has ended: its end",
    );
  }));

test("watch: a slow consumer misses steps and never the end; of a cancelled want it ends too", () =>
  onSlowLine(async ({ ben, fileId, clock, toPercent }) => {
    await ben.request(fileId);
    const watching = ben.watch(fileId);
    assert.is((await watching.next()).value?.status, "active");
    await toPercent(60);
    assert.ok(((await watching.next()).value?.percent ?? 0) >= 60, "the present one, not those that were missed");
    await ben.cancel(fileId);
    assert.is((await passWhile(clock, watching.next())).value?.status, "cancelled");
    assert.equal(await watching.next(), { done: true, value: undefined });
  }));

test("watch and whenComplete aborted: the signal's reason; the want goes on", () =>
  onSlowLine(async ({ ben, fileId, toPercent }) => {
    const reason = new Error("the view was closed");
    const controller = new AbortController();
    await ben.request(fileId);
    const fails = (promise: Promise<unknown>): Promise<void> =>
      promise.then(
        () => assert.unreachable(),
        (thrown: unknown) => assert.is(thrown, reason),
      );
    const waiting = fails(ben.whenComplete(fileId, { signal: controller.signal }));
    const watching = ben.watch(fileId, { signal: controller.signal });
    await watching.next();
    const next = fails(watching.next());
    controller.abort(reason);
    await Promise.all([waiting, next]);
    await fails(ben.whenComplete(fileId, { signal: controller.signal }));
    await fails(ben.watch(fileId, { signal: controller.signal }).next());
    assert.is(ben.progress(fileId)?.status, "active");
    const leaving = ben.watch(fileId);
    await leaving.next();
    await leaving.return();
    assert.is(ben.progress(fileId)?.status, "active", "leaving the loop is no cancel either");
    await toPercent(100);
  }));

test("closed while somebody watches and waits: closed, and the subscribers hear of it", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna", { transport: [] });
    const { fileId } = await anna.attach(content(10), { messageId: message });
    const ben = await circle.open("ben");
    await ben.request(fileId);
    let calls = 0;
    ben.subscribe(() => calls++);
    const watching = ben.watch(fileId);
    await watching.next();
    const ends = [rejects(ben.whenComplete(fileId), "closed"), rejects(watching.next(), "closed")];
    await pause(5);
    await ben.close();
    await Promise.all(ends);
    assert.is(calls, 1);
  }));

test.run();
