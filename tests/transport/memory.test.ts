/** The network in memory passes the suite of all transports, on the virtual clock and on the real one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import type { Accept, Connection } from "../../core/base/transport.ts";
import type { FileSyncError } from "../../core/errors.ts";
import { frameBytesMax, reconnectDelayMsMax } from "../../core/limits.ts";
import { transportConformance } from "../../core/transport/conformance.ts";
import { memoryNetwork } from "../../core/transport/memory.ts";
import { systemClock } from "../../core/transport/system-clock.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const test = suite("transport: memory network");

for (const [name, options] of [
  ["no delay", {}],
  ["300 ms and 3 MB/s", { delayMsMin: 250, delayMsMax: 350, bytesPerSecond: 3_000_000 }],
] as const) {
  transportConformance(`virtual time, ${name}`, test, async () => {
    const clock = virtualClock();
    const network = memoryNetwork(clock, seededRandom(1), options);
    network.connect("anna", "ben");
    return {
      responder: network.transport("ben"),
      initiator: () => network.transport("anna"),
      async pass(ms) {
        await clock.pass(ms);
      },
      breakConnections() {
        network.cut("anna", "ben");
        network.heal("anna", "ben");
      },
      redials: true,
      openCount: () => network.openCount() + clock.pendingCount(),
      end: async () => {},
    };
  });
}

transportConformance("real time", test, async () => {
  const network = memoryNetwork(systemClock(), seededRandom(1), { delayMsMin: 0, delayMsMax: 3 });
  network.connect("anna", "ben");
  return {
    responder: network.transport("ben"),
    initiator: () => network.transport("anna"),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    breakConnections() {
      network.cut("anna", "ben");
      network.heal("anna", "ben");
    },
    redials: true,
    openCount: () => network.openCount(),
    end: async () => {},
  };
});

interface Seen {
  readonly atMs: number;
  readonly bytes: number;
}

/** Anna dials Ben; what Ben gets is written down with the time. */
function pairOnVirtualTime(options: Parameters<typeof memoryNetwork>[2], seed = 1) {
  const clock = virtualClock({ startMs: 0 });
  const network = memoryNetwork(clock, seededRandom(seed), options);
  network.connect("anna", "ben");
  const seen: Seen[] = [];
  const ups: number[] = [];
  const errors: (FileSyncError | undefined)[] = [];
  let connection: Connection | undefined;
  const anna: Accept = (opened) => {
    connection = opened;
    ups.push(clock.nowMs());
    return { received() {}, drained() {}, closed: (error) => errors.push(error) };
  };
  const ben: Accept = () => ({
    received: (frame) => seen.push({ atMs: clock.nowMs(), bytes: frame.length }),
    drained() {},
    closed() {},
  });
  void network.transport("ben").start(ben);
  void network.transport("anna").start(anna);
  return { clock, network, seen, ups, errors, connection: () => connection as Connection };
}

test("bandwidth and delay add up: ten frames of 50 KB at 1 MB/s and 100 ms arrive from 150 to 600 ms", () => {
  const { clock, seen, connection } = pairOnVirtualTime({ delayMsMin: 100, bytesPerSecond: 1_000_000 });
  clock.advance(200);
  for (let n = 0; n < 10; n++) connection().send(new Uint8Array(50_000));
  assert.is(connection().bufferedBytes(), 500_000);
  clock.advance(250);
  assert.is(connection().bufferedBytes(), 250_000);
  clock.advance(1000);
  const times = seen.map(({ atMs }) => atMs - 200);
  assert.equal(times, [150, 200, 250, 300, 350, 400, 450, 500, 550, 600]);
});

test("frames far shorter than a millisecond do not slow the line down by rounding", () => {
  const { clock, seen, connection } = pairOnVirtualTime({ bytesPerSecond: 10_000_000 });
  clock.advance(10);
  for (let n = 0; n < 1000; n++) connection().send(new Uint8Array(100));
  clock.advance(11);
  assert.is(seen.length, 1000, "100 KB at 10 MB/s take 10 ms");
});

test("the same seed gives the same run, another seed another", () => {
  const run = (seed: number): Seen[] => {
    const { clock, seen, connection } = pairOnVirtualTime({ delayMsMin: 1, delayMsMax: 500 }, seed);
    clock.advance(2000);
    for (let n = 0; n < 50; n++) {
      connection().send(new Uint8Array(n));
      clock.advance(20);
    }
    clock.advance(2000);
    assert.equal(
      seen.map(({ bytes }) => bytes),
      Array.from({ length: 50 }, (_, n) => n),
      "in order, whatever the delays",
    );
    return seen;
  };
  assert.equal(run(7), run(7));
  assert.not.equal(run(7), run(8));
});

test("cut: both hear of it, nothing comes up for an hour, heal brings it back at once", () => {
  const { clock, network, seen, ups, errors, connection } = pairOnVirtualTime({ delayMsMin: 10 });
  clock.advance(100);
  connection().send(new Uint8Array(frameBytesMax));
  network.cut("ben", "anna");
  clock.advance(3_600_000);
  assert.is(seen.length, 0, "what was under way is lost");
  assert.is(ups.length, 1);
  assert.equal(
    errors.map((error) => error?.code),
    ["connection_failed"],
  );
  network.heal("anna", "ben");
  clock.advance(reconnectDelayMsMax);
  assert.is(ups.length, 2);
  assert.ok((ups[1] as number) <= 3_600_100 + 20, "without waiting for the next dial");
});

test("redials grow apart from 250 ms to 30 s and no further", () => {
  const { clock, network } = pairOnVirtualTime({});
  clock.advance(10);
  network.cut("anna", "ben");
  clock.advance(600_000);
  const waits: number[] = [];
  for (let n = 0; n < 50; n++) {
    const due = clock.nextDueMs() as number;
    waits.push(due - clock.nowMs());
    clock.advance(due - clock.nowMs());
  }
  assert.ok(Math.max(...waits) <= reconnectDelayMsMax);
  assert.ok(Math.max(...waits) >= reconnectDelayMsMax / 2);
});

test.run();
