/** Bytes a second, as a user would reckon: over the last three seconds, undefined while there is nothing to say. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { epochMs } from "../../core/base/ids.ts";
import { Speed } from "../../core/file/speed.ts";

const test = suite("file: speed");

const at = (seconds: number) => epochMs(1_000_000 + 1000 * seconds);
const close = (actual: number | undefined, expected: number): void => {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= 0.05 * expected, `${actual} is about ${expected}`);
};

test("nothing came, or all of it just now: there is no speed yet", () => {
  const speed = new Speed();
  assert.is(speed.bytesPerSecond(at(0)), undefined);
  speed.count(1000, at(0));
  assert.is(speed.bytesPerSecond(at(0)), undefined);
});

test("a steady stream: its rate, from the first second on and ten minutes later", () => {
  const speed = new Speed();
  for (let tick = 0; tick < 600; tick++) {
    speed.count(25_000, at(tick / 40));
    if (tick === 40 || tick === 599) close(speed.bytesPerSecond(at(tick / 40)), 1_000_000);
  }
});

test("a stream that doubles: three seconds later the speed has too", () => {
  const speed = new Speed();
  for (let tick = 0; tick < 100; tick++) speed.count(1000, at(tick / 10));
  for (let tick = 100; tick <= 131; tick++) speed.count(2000, at(tick / 10));
  close(speed.bytesPerSecond(at(13.1)), 20_000);
});

test("a stream that dries up: the speed falls, to zero after three seconds", () => {
  const speed = new Speed();
  for (let tick = 0; tick <= 50; tick++) speed.count(1000, at(tick / 10));
  const before = speed.bytesPerSecond(at(5)) ?? 0;
  const later = speed.bytesPerSecond(at(6.5)) ?? 0;
  assert.ok(later < before && later > 0);
  assert.is(speed.bytesPerSecond(at(8.1)), 0);
});

test("after a pause the time before it counts no more", () => {
  const speed = new Speed();
  for (let tick = 0; tick <= 50; tick++) speed.count(1000, at(tick / 10));
  speed.restart();
  assert.is(speed.bytesPerSecond(at(60)), undefined);
  for (let tick = 0; tick <= 10; tick++) speed.count(4000, at(60 + tick / 10));
  close(speed.bytesPerSecond(at(61)), 44_000);
});

test.run();
