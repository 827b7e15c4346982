/** The face of a browser's socket: it says nothing of its buffer, so it is looked at; pages may not give every code. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Connection } from "../../core/base/transport.ts";
import { drainPollIntervalMs } from "../../core/limits.ts";
import { webSocketTransport } from "../../core/transport/web-socket.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const test = suite("transport: browser socket");

class FakeWebSocket {
  static last: FakeWebSocket;
  binaryType = "blob";
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  readonly closeCodes: (number | undefined)[] = [];
  readonly #listeners = new Map<string, (event: never) => void>();

  constructor() {
    FakeWebSocket.last = this;
  }
  send(data: Uint8Array): void {
    this.sent.push(data);
    this.bufferedAmount += data.length;
  }
  close(code?: number): void {
    this.closeCodes.push(code);
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }
  emit(type: string, event: unknown = {}): void {
    this.#listeners.get(type)?.(event as never);
  }
}

async function browserWorld() {
  const clock = virtualClock();
  const log: string[] = [];
  let connection: Connection | undefined;
  let drained: () => void = () => {};
  const transport = webSocketTransport({
    connect: "wss://example.org/sync",
    WebSocket: FakeWebSocket,
    clock,
    reconnect: false,
  });
  await transport.start((opened) => {
    connection = opened;
    return {
      received: (frame) => log.push(`received ${frame.length}`),
      drained() {
        log.push("drained");
        drained();
      },
      closed: (error) => log.push(`closed ${error?.code ?? "in order"}`),
    };
  });
  FakeWebSocket.last.emit("open");
  const onDrained = (listener: () => void): void => {
    drained = listener;
  };
  return { clock, log, socket: FakeWebSocket.last, connection: connection as unknown as Connection, onDrained };
}

test("a browser's buffer is looked at only while something waits in it", async () => {
  const { clock, log, socket, connection } = await browserWorld();
  assert.is(clock.pendingCount(), 0, "no timer while nothing waits");
  connection.send(new Uint8Array(100));
  connection.send(new Uint8Array(100));
  assert.is(clock.pendingCount(), 1);
  clock.advance(20 * drainPollIntervalMs);
  assert.equal(log, [], "nothing went down");
  socket.bufferedAmount = 150;
  clock.advance(drainPollIntervalMs);
  assert.equal(log, ["drained"]);
  socket.bufferedAmount = 0;
  clock.advance(2 * drainPollIntervalMs);
  assert.equal(log, ["drained", "drained"]);
  assert.is(clock.pendingCount(), 0);
});

test("each time that it went down is told, though the listener fills it again at once", async () => {
  const { clock, log, socket, connection, onDrained } = await browserWorld();
  connection.send(new Uint8Array(500));
  onDrained(() => connection.send(new Uint8Array(400)));
  for (const left of [100, 400, 300]) {
    socket.bufferedAmount = left;
    clock.advance(drainPollIntervalMs);
  }
  assert.equal(log, ["drained", "drained", "drained"]);
});

test("a frame that comes in is an occasion to look, for timers of hidden pages are slow", async () => {
  const { log, socket, connection } = await browserWorld();
  connection.send(new Uint8Array(100));
  socket.bufferedAmount = 0;
  socket.emit("message", { data: new ArrayBuffer(5) });
  assert.equal(log, ["received 5", "drained"]);
});

test("text and blobs are refused with a code that a page may give; stop and break leave no timer", async () => {
  for (const data of ["hello", new Blob(["hello"])]) {
    const { clock, log, socket, connection } = await browserWorld();
    assert.is(socket.binaryType, "arraybuffer");
    connection.send(new Uint8Array(1));
    socket.emit("message", { data });
    assert.equal(socket.closeCodes, [4003]);
    socket.emit("close", { code: 4003 });
    assert.equal(log, ["closed channel_frame_invalid"]);
    assert.is(clock.pendingCount(), 0);
  }
});

test.run();
