/** The states of a connection, its closing and the dialling again, on a raw socket that does what the test says. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import type { Accept, Connection } from "../../core/base/transport.ts";
import {
  closeDurationMsMax,
  closeTimeoutMs,
  frameBytesMax,
  handshakeTimeoutMs,
  reconnectDelayMsMax,
  reconnectDelayMsMin,
  reconnectStableMs,
} from "../../core/limits.ts";
import { Dialer, reconnectDelayMs } from "../../core/transport/dialer.ts";
import type { RawSocketListener } from "../../core/transport/raw-socket.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const test = suite("transport: dialer");

class FakeSocket {
  buffered = 0;
  readonly calls: string[] = [];
  readonly listener: RawSocketListener;

  constructor(listener: RawSocketListener) {
    this.listener = listener;
  }
  send(frame: Uint8Array): void {
    this.calls.push(`send ${frame.length}`);
  }
  bufferedBytes(): number {
    return this.buffered;
  }
  close(code: number): void {
    this.calls.push(`close ${code}`);
  }
  destroy(): void {
    this.calls.push("destroy");
  }
}

function world(options: { reconnect?: boolean } = {}) {
  const clock = virtualClock({ startMs: 0 });
  const sockets: FakeSocket[] = [];
  const log: string[] = [];
  let connection: Connection | undefined;
  const dialer = new Dialer({
    dial(listener) {
      log.push(`dial at ${clock.nowMs()}`);
      const socket = new FakeSocket(listener);
      sockets.push(socket);
      return socket;
    },
    clock,
    random: { u32: () => 2 ** 32 - 1, bytes: seededRandom(1).bytes },
    reconnect: options.reconnect ?? true,
  });
  const accept: Accept = (opened) => {
    connection = opened;
    return {
      received: (frame) => log.push(`received ${frame.length}`),
      drained: () => log.push("drained"),
      closed: (error) => log.push(`closed ${error?.code ?? "in order"}`),
    };
  };
  dialer.start(accept);
  const socket = (): FakeSocket => sockets.at(-1) as FakeSocket;
  return { clock, sockets, socket, log, dialer, connection: () => connection as Connection };
}

test("nobody answers: dialled again after 250 ms, 500 ms and so on to 30 s, never more often", () => {
  const { clock, log } = world();
  const dials = 12;
  for (let n = 0; n < dials; n++) clock.advance(handshakeTimeoutMs + reconnectDelayMsMax);
  const times = log.map((line) => Number(line.split(" ").at(-1)));
  const waits = times.slice(1).map((at, n) => at - (times[n] as number) - handshakeTimeoutMs);
  assert.equal(waits.slice(0, 8), [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
  assert.ok(waits.every((wait) => wait <= reconnectDelayMsMax));
});

test("the delay is half fixed, half drawn", () => {
  const random = seededRandom(3);
  for (let n = 0; n < 200; n++) {
    const delayMs = reconnectDelayMs(n % 40, random);
    const fullMs = Math.min(reconnectDelayMsMax, reconnectDelayMsMin * 2 ** (n % 40));
    assert.ok(delayMs >= fullMs / 2 && delayMs <= fullMs, `${delayMs} of ${fullMs}`);
  }
});

test("a server that accepts and hangs up is dialled ever more rarely; a connection that lasted starts over", () => {
  const { clock, socket, log } = world();
  for (let n = 0; n < 4; n++) {
    socket().listener.opened();
    socket().listener.ended(1000);
    clock.advance(reconnectDelayMsMin * 2 ** n);
  }
  assert.equal(
    log.filter((line) => line.startsWith("dial")),
    ["dial at 0", "dial at 250", "dial at 750", "dial at 1750", "dial at 3750"],
  );
  socket().listener.opened();
  clock.advance(reconnectStableMs);
  socket().listener.ended(1006);
  clock.advance(reconnectDelayMsMin);
  assert.is(log.at(-1), `dial at ${3750 + reconnectStableMs + reconnectDelayMsMin}`);
});

test("a dial that takes too long is dropped, and what it says later is not heard", () => {
  const { clock, sockets, log } = world();
  clock.advance(handshakeTimeoutMs);
  assert.equal(sockets[0]?.calls, ["destroy"]);
  sockets[0]?.listener.opened();
  sockets[0]?.listener.frame(new Uint8Array(1));
  sockets[0]?.listener.ended(1006);
  assert.equal(log, ["dial at 0"]);
});

test("hurry dials at once when it waits, and does nothing when there is a connection or none is wanted", () => {
  const { clock, socket, log, dialer } = world();
  dialer.hurry();
  socket().listener.ended(1006);
  clock.advance(1);
  dialer.hurry();
  assert.equal(log, ["dial at 0", "dial at 1"]);
  const single = world({ reconnect: false });
  single.socket().listener.ended(1006);
  single.dialer.hurry();
  single.clock.advance(100_000);
  assert.equal(single.log, ["dial at 0"]);
});

test("a dial that throws counts as one that failed", () => {
  const clock = virtualClock();
  let dials = 0;
  const dialer = new Dialer({
    dial() {
      dials++;
      throw new Error("not allowed here");
    },
    clock,
    random: seededRandom(1),
    reconnect: true,
  });
  dialer.start(() => ({ received() {}, drained() {}, closed() {} }));
  clock.advance(10_000);
  assert.ok(dials > 3 && dials < 12, String(dials));
  void dialer.stop();
  assert.is(clock.pendingCount(), 0);
});

test("closing goes on while bytes leave, and is given up when none do", () => {
  const { clock, socket, log, connection } = world({ reconnect: false });
  socket().listener.opened();
  connection().send(new Uint8Array(7));
  socket().buffered = 1000;
  connection().close();
  for (let step = 0; step < 3; step++) {
    socket().buffered -= 100;
    clock.advance(closeTimeoutMs);
  }
  assert.equal(socket().calls, ["send 7", "close 1000"]);
  clock.advance(closeTimeoutMs);
  assert.equal(socket().calls, ["send 7", "close 1000", "destroy"]);
  assert.equal(log, ["dial at 0", "closed in order"]);
  assert.is(clock.pendingCount(), 0);
});

test("closing is given up after 30 s however steadily it drips", () => {
  const { clock, socket, connection } = world({ reconnect: false });
  socket().listener.opened();
  socket().buffered = 1000;
  connection().close();
  let lastedMs = 0;
  for (; lastedMs < 10 * closeDurationMsMax && !socket().calls.includes("destroy"); lastedMs += 1000) {
    socket().buffered--;
    clock.advance(1000);
  }
  assert.is(lastedMs, closeDurationMsMax);
});

test("an oversize frame and a text frame end the connection with their codes; nothing after them is delivered", () => {
  for (const [code, end, act] of [
    [1009, "closed frame_too_large", (it: RawSocketListener) => it.frame(new Uint8Array(frameBytesMax + 1))],
    [1003, "closed channel_frame_invalid", (it: RawSocketListener) => it.foreign()],
  ] as const) {
    const { socket, log } = world({ reconnect: false });
    socket().listener.opened();
    act(socket().listener);
    socket().listener.frame(new Uint8Array(1));
    socket().listener.drained();
    socket().listener.ended(code);
    assert.equal(socket().calls, [`close ${code}`]);
    assert.equal(log, ["dial at 0", end]);
  }
});

test("close codes: in order, too large (a page's code too), and everything else a failure", () => {
  const expected: [number, string][] = [
    [1000, "in order"],
    [1001, "in order"],
    [1005, "in order"],
    [1009, "frame_too_large"],
    [4009, "frame_too_large"],
    [1006, "connection_failed"],
    [1002, "connection_failed"],
    [4999, "connection_failed"],
  ];
  for (const [code, end] of expected) {
    const { socket, log } = world({ reconnect: false });
    socket().listener.opened();
    socket().listener.ended(code);
    socket().listener.ended(1006);
    assert.equal(log, ["dial at 0", `closed ${end}`], String(code));
  }
});

test("a connection that the host drops while it accepts it: the listener still hears closed, once", () => {
  const clock = virtualClock();
  let socket: FakeSocket | undefined;
  let closedCount = 0;
  const dialer = new Dialer({
    dial: (listener) => (socket = new FakeSocket(listener)),
    clock,
    random: seededRandom(1),
    reconnect: false,
  });
  dialer.start((connection) => {
    connection.close();
    return { received() {}, drained() {}, closed: () => closedCount++ };
  });
  socket?.listener.opened();
  socket?.listener.ended(1000);
  assert.is(closedCount, 1);
});

test.run();
