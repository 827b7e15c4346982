/** How much may be under way: it starts small, grows while answers are in time, holds when they queue, halves on silence. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  askAheadParts,
  askBytesNear,
  inFlightBytesInitial,
  inFlightBytesMax,
  inFlightBytesMin,
  inFlightBytesNear,
  pathBytesPerMs,
  requestTimeoutMsInitial,
} from "../../core/limits.ts";
import { requestTimeoutMsMax, requestTimeoutMsMin } from "../../core/limits.ts";
import { Flight } from "../../core/sync/flight.ts";

const test = suite("sync: flight");

const answerBytes = 43_000;

/** So many answers, each after so long; the clock goes on by as much. */
function answers(flight: Flight, count: number, tookMs: number, startMs = 0): void {
  for (let i = 0; i < count; i++) {
    flight.asked(answerBytes);
    flight.left(answerBytes);
    flight.answered(answerBytes, tookMs, startMs + i * tookMs);
  }
}

test("nothing is under way: there is room for one request, however large", () => {
  const flight = new Flight();
  assert.is(flight.limitBytes, inFlightBytesInitial);
  assert.ok(flight.hasRoom(100 * inFlightBytesMax));
  flight.asked(inFlightBytesInitial);
  assert.not(flight.hasRoom(1));
  flight.left(inFlightBytesInitial);
  assert.is(flight.inFlightBytes, 0);
});

test("answers in time: it grows by what was answered, up to what the path can have under way", () => {
  for (const [tookMs, boundBytes] of [
    [1, inFlightBytesNear],
    [20, 20 * pathBytesPerMs],
    [300, inFlightBytesMax],
  ] as const) {
    const flight = new Flight();
    answers(flight, 3, tookMs);
    assert.is(flight.limitBytes, inFlightBytesInitial + 3 * answerBytes);
    answers(flight, 200, tookMs, 1000);
    assert.is(flight.limitBytes, boundBytes);
  }
});

test("a path that turns out shorter than its first answers: the flight is cut to it", () => {
  const flight = new Flight();
  answers(flight, 100, 50);
  assert.is(flight.limitBytes, 50 * pathBytesPerMs);
  answers(flight, 1, 2, 100_000);
  assert.is(flight.limitBytes, inFlightBytesNear);
});

test("the clock is set back: nothing is learned of the path from that, and a path of 0 ms can be forgotten", () => {
  const flight = new Flight();
  answers(flight, 200, 300);
  answers(flight, 1, -5000, 100_000);
  assert.is(flight.limitBytes, inFlightBytesMax);
  answers(flight, 1, 0, 200_000);
  for (let i = 0; i < 60; i++) flight.lost(300_000 + 100_000 * i);
  answers(flight, 300, 300, 10_000_000);
  assert.is(flight.limitBytes, inFlightBytesMax);
});

test("asked for at a time: a frame of it where the path is short, a small part of the flight elsewhere", () => {
  for (const [tookMs, askBytes] of [
    [1, askBytesNear],
    [300, inFlightBytesMax / askAheadParts],
  ] as const) {
    const flight = new Flight();
    answers(flight, 300, tookMs);
    assert.is(flight.askBytes, askBytes);
    flight.asked(flight.limitBytes - askBytes);
    flight.asked(1);
    assert.not(flight.isHungry);
    flight.left(1);
    assert.ok(flight.isHungry);
  }
});

test("requests longer than a short path holds: two may be under way, three not", () => {
  const flight = new Flight();
  const longBytes = 2 * inFlightBytesNear;
  for (let i = 0; i < 100; i++) {
    flight.asked(longBytes);
    flight.left(longBytes);
    flight.answered(longBytes, 1, i);
  }
  flight.asked(longBytes);
  assert.ok(flight.isHungry && flight.hasRoom(longBytes));
  flight.asked(longBytes);
  assert.not(flight.hasRoom(longBytes));
  flight.lost(100_000);
  for (let i = 1; i < 10; i++) flight.lost(200_000 * i);
  flight.left(longBytes);
  assert.not(flight.hasRoom(longBytes), "not once the path has proved to hold less");
});

test("answers that begin to queue: it holds; much later ones: it shrinks, a little, once a round trip", () => {
  const flight = new Flight();
  answers(flight, 10, 50);
  const grown = flight.limitBytes;
  answers(flight, 1, 200, 10_000);
  assert.is(flight.limitBytes, grown);
  answers(flight, 1, 900, 20_000);
  assert.ok(flight.limitBytes < grown && flight.limitBytes > 0.8 * grown);
  const shrunk = flight.limitBytes;
  flight.answered(answerBytes, 900, 20_001);
  assert.is(flight.limitBytes, shrunk);
});

test("silence: it halves, once a round trip, down to its bound and no further", () => {
  const flight = new Flight();
  answers(flight, 40, 100);
  const grown = flight.limitBytes;
  flight.lost(100_000);
  assert.is(flight.limitBytes, Math.floor(grown / 2));
  flight.lost(100_001);
  assert.is(flight.limitBytes, Math.floor(grown / 2));
  for (let i = 1; i < 40; i++) flight.lost(100_000 + i * 60_000);
  assert.is(flight.limitBytes, inFlightBytesMin);
});

test("the timeout follows the answers, and doubles with silence until one comes", () => {
  const flight = new Flight();
  assert.is(flight.timeoutMs(), requestTimeoutMsInitial);
  answers(flight, 30, 10);
  assert.is(flight.timeoutMs(), requestTimeoutMsMin);
  answers(flight, 60, 2000, 1000);
  const usual = flight.timeoutMs();
  assert.ok(usual > 4000 && usual < 8000, `${usual} ms`);
  flight.lost(1e6);
  assert.is(flight.timeoutMs(), Math.min(requestTimeoutMsMax, 2 * usual));
  for (let i = 0; i < 9; i++) flight.lost(2e6 + i * 1e5);
  assert.is(flight.timeoutMs(), requestTimeoutMsMax);
  answers(flight, 1, 2000, 9e6);
  assert.ok(flight.timeoutMs() < requestTimeoutMsMax);
});

test("more leaves than was asked: it never counts below nothing", () => {
  const flight = new Flight();
  flight.asked(10);
  flight.left(99);
  assert.is(flight.inFlightBytes, 0);
});

test.run();
