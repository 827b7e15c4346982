/** The tests' own clock: what stands on it is only as exact as it is. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { virtualClock } from "../support/virtual-clock.ts";

const test = suite("transport: virtual clock");

test("any callbacks, some taken back: each that is left runs once, by time, then by order of scheduling", () => {
  const entries = fc.array(fc.record({ delayMs: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(entries, fc.array(fc.nat(7), { minLength: 1, maxLength: 10 }), (scheduled, advances) => {
      const clock = virtualClock({ startMs: 0 });
      const ran: number[] = [];
      const cancels = scheduled.map(({ delayMs }, index) =>
        clock.schedule(delayMs, () => {
          assert.is(clock.nowMs(), delayMs);
          ran.push(index);
        }),
      );
      scheduled.forEach(({ cancelled }, index) => cancelled && cancels[index]?.());
      for (const ms of [...advances, 20]) clock.advance(ms);
      const expected = scheduled
        .map((entry, index) => ({ ...entry, index }))
        .filter(({ cancelled }) => !cancelled)
        .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index)
        .map(({ index }) => index);
      assert.equal(ran, expected);
      assert.is(clock.pendingCount(), 0);
    }),
  );
});

test("a callback may schedule more, within the same advance; one that does so for ever is stopped", () => {
  const clock = virtualClock({ startMs: 0, callbackCountMax: 1000 });
  const times: number[] = [];
  const tick = (): void => {
    times.push(clock.nowMs());
    if (times.length < 3) clock.schedule(10, tick);
  };
  clock.schedule(0, tick);
  assert.is(clock.advance(15), 2);
  clock.advance(5);
  assert.equal(times, [0, 10, 20]);
  const wild = (): void => void clock.schedule(0, wild);
  wild();
  assert.throws(() => clock.advance(1), /callbacks/);
});

test("pass lets promises settle between callbacks", async () => {
  const clock = virtualClock({ startMs: 0 });
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.schedule(ms, resolve));
  const times: number[] = [];
  const work = async (): Promise<void> => {
    for (let n = 0; n < 3; n++) {
      await sleep(10);
      times.push(clock.nowMs());
    }
  };
  void work();
  await clock.pass(30);
  assert.equal(times, [10, 20, 30]);
});

test.run();
