/** WebSockets over loopback pass the suite of all transports, with `ws` at both ends and with a browser's face in front. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket } from "ws";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { epochMs } from "../../core/base/ids.ts";
import type { Clock } from "../../core/base/clock.ts";
import type { Transport } from "../../core/base/transport.ts";
import { FileSyncError } from "../../core/errors.ts";
import { transportConformance } from "../../core/transport/conformance.ts";
import { systemClock } from "../../core/transport/system-clock.ts";
import { nodeWebSocketTransport, webSocketServer } from "../../core/transport/web-socket-node.ts";
import { type WebSocketConstructor, webSocketTransport } from "../../core/transport/web-socket.ts";
import { openHandleCount } from "../support/open-handles.ts";

const test = suite("transport: web socket");

const realTime = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Redials would take up to 30 s after a few failures; here time runs ten times as fast. */
const hurriedClock = (): Clock => {
  const clock = systemClock();
  return { nowMs: () => epochMs(clock.nowMs()), schedule: (ms, callback) => clock.schedule(ms / 10, callback) };
};

function conformance(name: string, dial: (url: string, clock: Clock) => Transport): void {
  transportConformance(`${name}, own server`, test, async () => {
    const responder = webSocketServer();
    // What the test before this one closed takes a moment to be gone.
    await realTime(20);
    const handlesBefore = openHandleCount();
    return {
      responder,
      initiator: () => dial(responder.address().url, hurriedClock()),
      pass: realTime,
      breakConnections: resetLoopbackSockets,
      redials: true,
      openCount: () => openHandleCount() - handlesBefore,
      end: async () => {},
    };
  });

  transportConformance(`${name}, the app's server`, test, async () => {
    const { server, sockets, url } = await appServer();
    const responder = webSocketServer({ server, path: "/sync" });
    return {
      responder,
      initiator: () => dial(`${url}/sync`, hurriedClock()),
      pass: realTime,
      breakConnections: () => sockets.forEach((socket) => socket.resetAndDestroy()),
      redials: true,
      openCount: () => sockets.size,
      end: () => closeServer(server),
    };
  });
}

/** Sockets that belong to a server of this process, by Node's own (undocumented) list of handles. */
function resetLoopbackSockets(): void {
  const { _getActiveHandles } = process as unknown as {
    _getActiveHandles(): (Partial<Socket> & { server?: unknown })[];
  };
  for (const handle of _getActiveHandles.call(process)) {
    if (handle.server && handle.remoteAddress === "127.0.0.1") handle.resetAndDestroy?.();
  }
}

async function appServer(): Promise<{ server: Server; sockets: Set<Socket>; url: string }> {
  const server = createServer((_request, response) => response.end("the app"));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, sockets, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const closeServer = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

conformance("ws at both ends", (url, clock) => nodeWebSocketTransport({ connect: url, clock }));
conformance("a browser's face", (url, clock) =>
  webSocketTransport({ connect: [url], WebSocket: WebSocket as unknown as WebSocketConstructor, clock }),
);

test("an app's server keeps its own pages and paths, and goes on after stop", async () => {
  const { server, url } = await appServer();
  const transport = webSocketServer({ server, path: "/sync" });
  await transport.start(() => ({ received() {}, drained() {}, closed() {} }));
  assert.is(transport.address().url, `${url}/sync`);
  const page = await fetch(url.replace("ws:", "http:"), { headers: { connection: "close" } });
  assert.is(await page.text(), "the app");
  assert.match(await failureOf(`${url}/other`), "404");
  await transport.stop();
  assert.ok(server.listening);
  await closeServer(server);
});

test("our own server answers a plain request with 426", async () => {
  const transport = webSocketServer();
  await transport.start(() => ({ received() {}, drained() {}, closed() {} }));
  const { host, port } = transport.address();
  assert.is((await fetch(`http://${host}:${port}/`)).status, 426);
  await transport.stop();
});

test("a connection over the count is refused with 503, and taken when another has gone", async () => {
  const transport = webSocketServer({ connectionCountMax: 1 });
  await transport.start(() => ({ received() {}, drained() {}, closed() {} }));
  const { url } = transport.address();
  const first = await opened(url);
  assert.match(await failureOf(url), "503");
  first.close();
  await new Promise((resolve) => first.once("close", resolve));
  for (let attempt = 0; attempt < 100 && (await failureOf(url)) !== ""; attempt++) await realTime(5);
  assert.is(await failureOf(url), "");
  await transport.stop();
});

test("a port that is taken: start rejects with connection_failed, and can be tried again", async () => {
  const one = webSocketServer();
  const accept = () => ({ received() {}, drained() {}, closed() {} });
  await one.start(accept);
  const other = webSocketServer({ port: one.address().port });
  const error = await other.start(accept).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, FileSyncError);
  assert.is((error as FileSyncError).code, "connection_failed");
  assert.throws(
    () => other.address(),
    (reason: FileSyncError) => reason.code === "argument_invalid",
  );
  await one.stop();
  await other.start(accept);
  await other.stop();
});

test("started twice, an address that is none, no WebSocket at all: argument_invalid", async () => {
  const transport = webSocketServer();
  const accept = () => ({ received() {}, drained() {}, closed() {} });
  await transport.start(accept);
  const error = await transport.start(accept).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.is((error as FileSyncError).code, "argument_invalid");
  await transport.stop();
  const invalid = (reason: FileSyncError): boolean => reason.code === "argument_invalid";
  for (const connect of ["", "localhost:1", "http://localhost", "ws://localhost/#part", []]) {
    assert.throws(() => nodeWebSocketTransport({ connect }), invalid, String(connect));
  }
  if (globalThis.WebSocket === undefined)
    assert.throws(() => webSocketTransport({ connect: "ws://localhost" }), invalid);
});

test("several addresses: each is dialled, one that nobody answers does not disturb the other", async () => {
  const server = webSocketServer();
  let accepted = 0;
  await server.start(() => {
    accepted++;
    return { received() {}, drained() {}, closed() {} };
  });
  const unused = webSocketServer();
  await unused.start(() => ({ received() {}, drained() {}, closed() {} }));
  const nobody = unused.address().url;
  await unused.stop();
  const client = nodeWebSocketTransport({ connect: [nobody, server.address().url], clock: hurriedClock() });
  await client.start(() => ({ received() {}, drained() {}, closed() {} }));
  for (let step = 0; step < 500 && accepted === 0; step++) await realTime(5);
  assert.is(accepted, 1);
  await client.stop();
  await server.stop();
});

/** Why a dial failed; empty when it did not. */
function failureOf(url: string): Promise<string> {
  return opened(url).then(
    (socket) => {
      socket.close();
      return new Promise((resolve) => socket.once("close", () => resolve("")));
    },
    (reason: Error) => reason.message,
  );
}

function opened(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.once("open", () => resolve(socket));
    socket.on("error", reject);
  });
}

test.run();
