/**
 * G-8, at the door: whatever comes in at the port, the server stays up, says why by code, and serves the next one.
 */
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { epochMs } from "../../core/base/ids.ts";
import { seededRandom } from "../../core/base/random.ts";
import type { Accept } from "../../core/base/transport.ts";
import { frameBytesMax, framePiecesMax } from "../../core/limits.ts";
import { systemClock } from "../../core/transport/system-clock.ts";
import { type WebSocketServerTransport, webSocketServer } from "../../core/transport/web-socket-node.ts";

const test = suite("transport: hostile (G-8)");

interface Served {
  readonly server: WebSocketServerTransport;
  readonly accept: Accept;
  readonly frames: Uint8Array[];
  /** The codes of the ends, in order; "in order" for none. */
  readonly ends: string[];
}

async function withServer(run: (served: Served) => Promise<void>, hurry = 1): Promise<void> {
  const real = systemClock();
  const clock = {
    nowMs: () => epochMs(real.nowMs()),
    schedule: (ms: number, call: () => void) => real.schedule(ms / hurry, call),
  };
  const server = webSocketServer({ clock });
  const frames: Uint8Array[] = [];
  const ends: string[] = [];
  const accept: Accept = () => ({
    received: (frame) => frames.push(frame),
    drained() {},
    closed: (error) => ends.push(error?.code ?? "in order"),
  });
  await server.start(accept);
  try {
    await run({ server, accept, frames, ends });
    await servesTheNext(server, frames);
  } finally {
    await server.stop();
  }
}

async function servesTheNext(server: WebSocketServerTransport, frames: Uint8Array[]): Promise<void> {
  const before = frames.length;
  const client = await opened(server);
  client.send(new Uint8Array([1, 2, 3]));
  await until(() => frames.length === before + 1);
  assert.equal([...(frames.at(-1) as Uint8Array)], [1, 2, 3]);
  client.terminate();
}

function opened(server: WebSocketServerTransport): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const client = new WebSocket(server.address().url, { maxPayload: 1024, perMessageDeflate: true });
    client.on("open", () => resolve(client));
    client.on("error", reject);
  });
}

/** A TCP connection that has shaken hands as a WebSocket client and from then on does what it likes. */
async function shaken(server: WebSocketServerTransport): Promise<Socket> {
  const socket = await raw(server);
  socket.write(
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resume();
  return socket;
}

function raw(server: WebSocketServerTransport): Promise<Socket> {
  const { host, port } = server.address();
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.on("error", () => {});
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let step = 0; step < 1000 && !condition(); step++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), "waited in vain");
}

const closed = (socket: Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", () => resolve()));

test("bytes that are no HTTP: hung up on, nobody is told of a connection", async () => {
  await withServer(async ({ server, ends }) => {
    const random = seededRandom(4);
    for (let n = 0; n < 50; n++) {
      const socket = await raw(server);
      socket.resume();
      socket.write(random.bytes(1 + (random.u32() % 2000)));
      socket.end();
      await closed(socket);
    }
    assert.equal(ends, []);
  });
});

test("a connection that is reset in the middle of the handshake", async () => {
  await withServer(async ({ server }) => {
    for (let n = 0; n < 20; n++) {
      const socket = await raw(server);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
      socket.resetAndDestroy();
    }
  });
});

test("random bytes after the handshake: each connection ends with a code, none is delivered half", async () => {
  await withServer(async ({ server, ends }) => {
    const random = seededRandom(5);
    const count = 100;
    for (let n = 0; n < count; n++) {
      const socket = await shaken(server);
      socket.write(random.bytes(1 + (random.u32() % 500)));
      socket.end();
      await closed(socket);
    }
    await until(() => ends.length === count);
    assert.is(ends.filter((end) => end === "in order").length, 0);
  });
});

test("a text frame: channel_frame_invalid, and the other side is told with code 1003", async () => {
  await withServer(async ({ server, ends, frames }) => {
    const client = await opened(server);
    const code = new Promise((resolve) => client.on("close", resolve));
    client.send("hello");
    client.send(new Uint8Array(9));
    assert.is(await code, 1003);
    await until(() => ends.length === 1);
    assert.equal(ends, ["channel_frame_invalid"]);
    assert.is(frames.length, 0, "what comes after it is not delivered");
  });
});

test("a frame one byte over the limit, or one that only claims to be huge: frame_too_large, code 1009", async () => {
  await withServer(async ({ server, ends, frames }) => {
    const client = await opened(server);
    const code = new Promise((resolve) => client.on("close", resolve));
    client.send(new Uint8Array(frameBytesMax + 1));
    assert.is(await code, 1009);
    const claimer = await shaken(server);
    // Binary, masked, a length of 2^40 bytes: nothing of that size is ever set aside.
    claimer.write(Buffer.from("82ff000001000000000000000000", "hex"));
    await closed(claimer);
    await until(() => ends.length === 2);
    assert.equal(ends, ["frame_too_large", "frame_too_large"]);
    assert.is(frames.length, 0);
  });
});

test("a frame in more pieces than any honest path makes: the connection ends", async () => {
  await withServer(async ({ server, ends }) => {
    const socket = await shaken(server);
    const piece = (firstByte: string): Buffer => Buffer.from(`${firstByte}8000000000`, "hex");
    socket.write(piece("02"));
    socket.write(Buffer.concat(Array.from({ length: framePiecesMax + 1 }, () => piece("00"))));
    await closed(socket);
    await until(() => ends.length === 1);
    assert.equal(ends, ["connection_failed"]);
  });
});

test("a frame in a few pieces arrives whole", async () => {
  await withServer(async ({ server, frames }) => {
    const client = await opened(server);
    client.send(new Uint8Array([1, 2]), { fin: false });
    client.send(new Uint8Array([3]), { fin: false });
    client.send(new Uint8Array([4, 5]), { fin: true });
    await until(() => frames.length === 1);
    assert.equal([...(frames[0] as Uint8Array)], [1, 2, 3, 4, 5]);
    client.terminate();
  });
});

test("the server takes no compression, whatever is offered", async () => {
  await withServer(async ({ server }) => {
    const client = await opened(server);
    assert.is(client.extensions, "");
    client.terminate();
  });
});

test("a client that is silent, pongs included: taken for dead within three pings, connection_failed", async () => {
  await withServer(async ({ server, ends }) => {
    const socket = await shaken(server);
    await until(() => ends.length === 1);
    assert.equal(ends, ["connection_failed"]);
    await closed(socket);
  }, 500);
});

test("a client that answers pings is kept, however quiet else", async () => {
  await withServer(async ({ server, ends }) => {
    const client = await opened(server);
    let pings = 0;
    client.on("ping", () => pings++);
    await until(() => pings > 10);
    assert.equal(ends, []);
    client.terminate();
  }, 500);
});

test("a client that never answers our goodbye does not hold up stop", async () => {
  await withServer(async ({ server, accept, ends }) => {
    const socket = await shaken(server);
    await server.stop();
    assert.equal(ends, ["in order"]);
    await closed(socket);
    await server.start(accept);
  }, 100);
});

test.run();
