/** Who is no member, and what is no message: nothing is given, nothing breaks, and nothing telling is logged. Proves G-7 and G-8. */
import { inspect } from "node:util";
import { WebSocket } from "ws";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex, concatBytes } from "../../core/base/bytes.ts";
import { createIdentityKeys, peerIdOf, type FileSync, type Logger } from "../../core/index.ts";
import { frameBytesMax, handshakeTimeoutMs } from "../../core/limits.ts";
import { nodeWebSocketTransport, webSocketServer } from "../../core/node.ts";
import { content, inCircle, message, partsIn, pause, until } from "../api/circle.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { authenticatedTransport } from "./authenticated.ts";

const test = suite("host: strangers");

function collector(): { readonly lines: unknown[][]; readonly logger: Logger; has(text: string): boolean } {
  const lines: unknown[][] = [];
  const log = (...line: unknown[]): void => void lines.push(line);
  return {
    lines,
    logger: { debug: log, info: log, warn: log, error: log },
    has: (text) => inspect(lines, { depth: 10, maxArrayLength: null, maxStringLength: null }).includes(text),
  };
}

test("a stranger with the group's name and key, but no place among its members, gets nothing (G-7)", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const { logger, has } = collector();
    const server = webSocketServer();
    const anna = await circle.open("anna", { transport: server, logger });
    const { fileId } = await anna.attach(content(10_000), { messageId: message, name: "for ben" });
    const keys = await createIdentityKeys();
    const group = { ...circle.group, members: [...circle.group.members, peerIdOf(keys)] };
    const transport = nodeWebSocketTransport({ connect: server.address().url });
    const mallory = await circle.open("ben", { identity: keys, group, transport });
    await mallory.request(fileId);
    await until("she is turned away", () => has("not_member"));
    await pause(600);
    assert.equal(mallory.attachments(), []);
    assert.is(mallory.progress(fileId)?.bytesReceived, 0);
    assert.equal(partsIn(circle.storageOf("ben").files()), []);
  }));

test("garbage, empty, text and oversize frames on a raw socket: it is closed, and members are served as ever (G-8)", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const server = webSocketServer();
    const anna = await circle.open("anna", { transport: server });
    const { url } = server.address();
    const garbage: readonly (Uint8Array | string)[] = [
      new Uint8Array(0),
      "GET / HTTP/1.1",
      ...[1, 2, 31, 32, 100, 466, 4096, frameBytesMax].map((bytes) => content(bytes)),
      new Uint8Array([1, 1, ...new Uint8Array(64)]),
      content(frameBytesMax + 1),
      content(4 * frameBytesMax),
    ];
    await Promise.all(garbage.map((frame) => assertClosed(url, frame)));
    const ben = await circle.open("ben", { transport: nodeWebSocketTransport({ connect: url }) });
    const { fileId } = await anna.attach(content(10_000), { messageId: message });
    await ben.request(fileId);
    await ben.whenComplete(fileId);
  }));

async function assertClosed(url: string, frame: Uint8Array | string): Promise<void> {
  const socket = new WebSocket(url);
  const received: unknown[] = [];
  socket.on("message", (data) => received.push(data));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  socket.once("open", () => socket.send(frame));
  await closed;
  assert.is(received.length, 0, `${frame.length} bytes are answered with nothing`);
}

test("who connects and says nothing is given the time of a handshake and no more", async () => {
  const clock = virtualClock();
  const transport = authenticatedTransport();
  const { logger, has } = collector();
  await inCircle(
    ["anna"],
    async (circle) => {
      await circle.open("anna", { transport, logger });
      const silent = transport.connect(undefined);
      await clock.pass(handshakeTimeoutMs - 1);
      assert.not.ok(silent.isClosed);
      await clock.pass(1);
      assert.ok(silent.isClosed && has("handshake_timeout"));
      assert.equal(silent.frames, []);
    },
    { clock },
  );
});

const frameOf = (...messages: Uint8Array[]): Uint8Array =>
  concatBytes(...messages.flatMap((each) => [Uint8Array.of(0, 0, each.length >> 8, each.length & 255), each]));

test("a member that sends nonsense: refused or disconnected, whatever it is, and the others go on (G-8)", () =>
  inCircle(["anna", "ben", "cleo"], async (circle) => {
    const transport = authenticatedTransport();
    const anna = await circle.open("anna", { transport: [circle.network.transport("anna"), transport] });
    const cleo = await circle.open("cleo");
    const { fileId } = await anna.attach(content(100_000), { messageId: message });
    await until("cleo hears of it", () => cleo.attachments().length === 1);
    for (let i = 0; i < 300; i++) {
      const ben = transport.connect(circle.peerId("ben"));
      const length = i % 40;
      const nonsense = content(length);
      ben.listener.received(i % 3 === 0 ? nonsense : frameOf(nonsense, Uint8Array.of(i & 15, ...content(length))));
      ben.listener.closed();
    }
    await cleo.request(fileId);
    await cleo.whenComplete(fileId);
    assert.is(anna.attachments().length, 1);
  }));

test("a frame that ends within a message ends the connection; frames after its end are not looked at", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const transport = authenticatedTransport();
    const { logger, has, lines } = collector();
    await circle.open("anna", { transport, logger });
    const ben = transport.connect(circle.peerId("ben"));
    assert.ok(ben.frames.length > 0, "anna greets");
    ben.listener.received(Uint8Array.of(0, 0, 0, 9, 1));
    assert.ok(ben.isClosed && has("message_malformed"));
    const before = lines.length;
    ben.listener.received(content(100));
    ben.listener.drained();
    ben.listener.closed();
    assert.is(lines.length, before);
  }));

test("a transport that authenticates a stranger: closed without a word", () =>
  inCircle(["anna"], async (circle) => {
    const transport = authenticatedTransport();
    await circle.open("anna", { transport });
    const stranger = transport.connect(peerIdOf(await createIdentityKeys()));
    assert.ok(stranger.isClosed);
    assert.equal(stranger.frames, []);
  }));

test("the logger never hears a name, a type, a key or a byte of a file (G-7)", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const { lines, logger, has } = collector();
    const server = webSocketServer({ logger });
    const anna = await circle.open("anna", { transport: server, logger });
    const transport = nodeWebSocketTransport({ connect: server.address().url, logger });
    const ben = await circle.open("ben", { transport, logger });
    const text = "the secret of the soup is nutmeg";
    const { fileId } = await anna.attach(new TextEncoder().encode(text.repeat(1000)), {
      messageId: message,
      name: "grandmother.docx",
      mediaType: "application/x-recipe",
    });
    await until("ben hears of it", () => ben.attachments().length === 1);
    await everyCall(ben, fileId);
    circle.storageOf("ben").flipByte(`slices/${fileId}`, 99);
    await ben.blob(fileId).catch(() => undefined);
    await anna.delete(fileId);
    await until("ben hears of the end", () => ben.attachments().length === 0);
    await Promise.all([anna.close(), ben.close()]);
    assert.ok(lines.length > 3);
    const keys = [circle.keysOf("anna").secretKey, circle.keysOf("ben").secretKey, ...circle.group.keys];
    for (const word of ["grandmother", "docx", "recipe", "nutmeg", ...keys.map((key) => bytesToHex(key))])
      assert.not.ok(has(word), `${word} was logged`);
    assert.not.ok(has("Uint8Array"), "no bytes at all were logged");
  }));

async function everyCall(sync: FileSync, fileId: string): Promise<void> {
  await sync.request(fileId);
  await sync.pause(fileId).catch(() => undefined);
  await sync.resume(fileId).catch(() => undefined);
  await sync.whenComplete(fileId);
  await sync.cancel(fileId).catch(() => undefined);
  await sync.delete(fileId).catch(() => undefined);
}

test.run();
