/**
 * What a socket read is given back at once, and never before `ws` has done with it: whatever the other end sends, in
 * whatever pieces, and whoever listens along. Each attack is made on both ends, by a raw socket at the other.
 *
 * Why so long: the raw socket that speaks for either end is half of it, and nobody else has a use for it.
 */
import { createHash } from "node:crypto";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import type { Accept, Connection, Transport } from "../../core/base/transport.ts";
import { frameBytesMax, framePiecesMax, releaseBytesMin } from "../../core/limits.ts";
import { nodeWebSocketTransport, webSocketServer } from "../../core/transport/web-socket-node.ts";

const test = suite("transport: spent reads");
type End = "server" | "client";
const bothEnds: readonly End[] = ["server", "client"];

/** First bytes of frames: RFC 6455, section 5.2. */
const [whole, firstPiece, piece, lastPiece, close, ping, pong] = [0x82, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8a];
const nothing = Buffer.alloc(0);
const uncaught: unknown[] = [];
process.on("uncaughtException", (error) => uncaught.push(error));
const nothingUncaught = (): void => assert.equal(uncaught.splice(0).map(String), []);

const contents = (seed: number, bytes: number): Buffer => Buffer.from(seededRandom(seed).bytes(bytes));
const described = (bytes: Uint8Array): string => `${bytes.length} ${createHash("sha256").update(bytes).digest("hex")}`;

async function until(condition: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 5000; !condition() && performance.now() < endMs; )
    await new Promise((resolve) => setTimeout(resolve, 1));
  nothingUncaught();
  assert.ok(condition(), "waited in vain");
}

/** A frame to that end; a server's are masked. `lengthBytes`: at least so many behind the first two bytes. */
function frameTo(end: End, first: number, payload: Uint8Array, lengthBytes = 0): Buffer {
  const { length } = payload;
  const size = Math.max(lengthBytes, length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const isMasked = end === "server";
  const head = Buffer.alloc(2 + size);
  head[0] = first;
  head[1] = (size === 0 ? length : size === 2 ? 126 : 127) + (isMasked ? 128 : 0);
  if (size > 0) head.writeUIntBE(length, 2 + size - Math.min(size, 6), Math.min(size, 6));
  const mask = isMasked ? [1, 20, 60, 200] : [];
  return Buffer.concat([
    head,
    Buffer.from(mask),
    isMasked ? payload.map((byte, i) => byte ^ (mask[i & 3] as number)) : payload,
  ]);
}

interface Read {
  readonly bytes: Uint8Array;
  /** As it came: what is given back has none. */
  readonly length: number;
  readonly isWhole: boolean;
  readonly localPort: number | undefined;
}
const isGone = ({ bytes }: Read): boolean => bytes.buffer.byteLength === 0;
const isLarge = ({ isWhole, length }: Read): boolean => isWhole && length >= releaseBytesMin;

/** Sees all that sockets read, but not as a listener: one more of them and nothing is given back. */
function recordReads(others: ReadonlySet<Socket>): { reads: Read[]; stop: () => void } {
  const reads: Read[] = [];
  const { prototype } = Socket;
  const { emit } = prototype;
  prototype.emit = function (this: Socket, event: string | symbol, ...args: unknown[]): boolean {
    const [bytes] = args;
    if (event === "data" && bytes instanceof Uint8Array && !others.has(this)) {
      const { length, buffer } = bytes;
      reads.push({ bytes, length, isWhole: length === buffer.byteLength, localPort: this.localPort });
    }
    return Reflect.apply(emit, this, [event, ...args]) as boolean;
  };
  return { reads, stop: () => void Reflect.deleteProperty(prototype, "emit") };
}

/** What the end under test was given. */
class Heard {
  readonly frames: string[] = [];
  ends = 0;
  connection: Connection | undefined;
  onFrame: () => void = () => {};
  readonly accept: Accept = (connection) => {
    this.connection = connection;
    return {
      received: (frame) => {
        this.frames.push(described(frame));
        this.onFrame();
      },
      drained() {},
      closed: () => this.ends++,
    };
  };
}

interface Options {
  /** Sent with the last bytes of the handshake. */
  readonly along?: Buffer;
  readonly server?: Server;
}

/** A raw socket, and the end that it talks to. */
class Attack {
  readonly heard = new Heard();
  readonly answers: Buffer[] = [];
  readonly #end: End;
  readonly #sockets = new Set<Socket>();
  readonly #recorder = recordReads(this.#sockets);
  #socket: Socket | undefined;
  #isShaken = false;
  #transport: Transport | undefined;

  constructor(end: End) {
    this.#end = end;
  }

  async begin({ along = nothing, server }: Options): Promise<void> {
    if (this.#end === "server") {
      const transport = webSocketServer(server === undefined ? {} : { server });
      this.#transport = transport;
      await transport.start(this.heard.accept);
      const headers = "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
      const request = `GET / HTTP/1.1\r\n${headers}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
      this.#take(connect(transport.address().port, "127.0.0.1"));
      this.socket.write(Buffer.concat([Buffer.from(request), along]));
      this.socket.once("data", () => this.#listen());
    } else {
      const listener = createServer((socket) => {
        listener.close();
        this.#take(socket);
        socket.once("data", (request) => {
          const key = /sec-websocket-key: (.*)\r\n/i.exec(String(request))?.[1] ?? "";
          const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
          const headers = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n`;
          socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 101 Yes\r\n${headers}\r\n`), along]));
          this.#listen();
        });
      });
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      this.#transport = nodeWebSocketTransport({
        connect: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`,
      });
      await this.#transport.start(this.heard.accept);
    }
    await until(() => this.heard.connection !== undefined && this.#isShaken);
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    await this.#transport?.stop();
    this.#recorder.stop();
  }

  get socket(): Socket {
    return this.#socket as Socket;
  }

  get reads(): readonly Read[] {
    return this.#recorder.reads;
  }

  say(first: number, payload: Uint8Array, lengthBytes = 0): Buffer {
    return frameTo(this.#end, first, payload, lengthBytes);
  }

  /** Sends, and waits until it was read: what is sent next is another read. */
  async send(...parts: Buffer[]): Promise<void> {
    const bytes = Buffer.concat(parts);
    const total = this.#readBytes() + bytes.length;
    this.socket.write(bytes);
    await until(() => this.#readBytes() >= total);
  }

  /** Frames whose reads end within others: they come out right when no read was given back too early. */
  async stillRight(): Promise<void> {
    const before = this.heard.frames.length;
    const frames = [30_000, 100_000, 200, 1, 60_000].map((bytes, i) => contents(i, bytes));
    const bytes = Buffer.concat(frames.map((frame) => this.say(whole, frame)));
    for (const [from, to] of [[0, 70_000], [70_000, 130_140], [130_140, 190_000], [190_000]] as const)
      await this.send(bytes.subarray(from, to));
    assert.equal(this.heard.frames.slice(before), frames.map(described));
    nothingUncaught();
  }

  #take(socket: Socket): void {
    this.#socket = socket;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
  }

  #listen(): void {
    this.#isShaken = true;
    this.socket.on("data", (bytes) => this.answers.push(bytes));
  }

  #readBytes(): number {
    return this.reads.reduce((total, { length }) => total + length, 0);
  }
}

async function attack(end: End, run: (attacked: Attack) => Promise<void>, options: Options = {}): Promise<void> {
  const attacked = new Attack(end);
  try {
    await attacked.begin(options);
    await run(attacked);
  } finally {
    await attacked.stop();
  }
  nothingUncaught();
}

function onBothEnds(name: string, run: (attacked: Attack, end: End) => Promise<void>): void {
  for (const end of bothEnds) test(`${name} (to the ${end})`, () => attack(end, (attacked) => run(attacked, end)));
}

/** Payloads of the pongs in what an end sent. */
function pongsIn(bytes: Buffer): string[] {
  const pongs: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const size = [0, 2, 8][Math.max(0, (second & 127) - 125)] as number;
    const length = size === 0 ? second & 127 : bytes.readUIntBE(at + 2 + size - Math.min(size, 6), Math.min(size, 6));
    // The mask of a client within one machine is zero.
    const start = at + 2 + size + (second > 127 ? 4 : 0);
    if (first === pong && start + length <= bytes.length) pongs.push(described(bytes.subarray(start, start + length)));
    at = start + length;
  }
  return pongs;
}

test("frames of all sizes both ways: all arrive, and nearly all that was read is given back", async () => {
  const recorder = recordReads(new Set());
  const [server, atServer, atClient] = [webSocketServer(), new Heard(), new Heard()];
  await server.start(atServer.accept);
  const { url, port } = server.address();
  const client = nodeWebSocketTransport({ connect: url });
  await client.start(atClient.accept);
  await until(() => atServer.connection !== undefined && atClient.connection !== undefined);
  const sizes = [1, 125, 126, 16_383, 16_384, 65_535, 65_536, 100_000, 200_001, frameBytesMax - 1, frameBytesMax];
  const frames = Array.from({ length: 88 }, (_, i) => contents(i, sizes[(i * i) % sizes.length] as number));
  for (const { connection } of [atServer, atClient])
    for (const frame of frames) connection?.send(Uint8Array.from(frame));
  await until(() => atServer.frames.length === frames.length && atClient.frames.length === frames.length);
  for (const { frames: arrived } of [atServer, atClient]) assert.equal(arrived, frames.map(described));
  await client.stop();
  await server.stop();
  recorder.stop();
  for (const isServers of [true, false]) {
    const large = recorder.reads.filter((read) => isLarge(read) && (read.localPort === port) === isServers);
    assert.ok(large.length > 20, `${large.length} large reads`);
    assert.ok(large.filter(isGone).length > 0.9 * large.length, `${large.filter(isGone).length} of ${large.length}`);
  }
});

for (const when of ["always", "once", "for a while"] as const) {
  test(`an app that listens along keeps what it is given (${when})`, async () => {
    const server = createHttpServer();
    const [kept, sockets]: [Buffer[], Duplex[]] = [[], []];
    const keep = (bytes: Buffer): void => void kept.push(bytes);
    server.on("upgrade", (_request, socket: Duplex) => {
      sockets.push(socket);
      if (when === "once") socket.once("data", keep);
      else socket.on("data", keep);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const run = async (attacked: Attack): Promise<void> => {
      for (let n = 0; n < 5; n++) await attacked.send(attacked.say(whole, contents(n, 50_000)));
      if (when === "for a while") sockets[0]?.off("data", keep);
      await attacked.stillRight();
      assert.ok(kept.length > 0);
      assert.is(kept.filter(({ buffer }) => buffer.byteLength === 0).length, 0);
    };
    await attack("server", run, { server }).finally(() => server.close());
  });
}

for (const end of bothEnds) {
  test(`what comes along with the handshake is taken (to the ${end})`, async () => {
    const frames = [20_000, 3, 50_000].map((bytes, i) => contents(i, bytes));
    const along = Buffer.concat(frames.map((frame) => frameTo(end, whole, frame)));
    const run = async (attacked: Attack): Promise<void> => {
      await until(() => attacked.heard.frames.length === frames.length);
      assert.equal(attacked.heard.frames, frames.map(described));
      await attacked.stillRight();
    };
    await attack(end, run, { along });
  });
}

onBothEnds(
  "a ping in the middle: its answer is right however long it waits, and its read stays",
  async (attacked, end) => {
    const { socket, reads, heard, answers } = attacked;
    socket.pause();
    // More than the system takes: the answers wait behind it, as parts of what was read.
    for (let n = 0; n < 60; n++) heard.connection?.send(new Uint8Array(250_000));
    const payloads = [125, 1, 0, 124, 77].map((bytes, i) => contents(i, bytes));
    const pinged: Read[] = [];
    for (const payload of payloads) {
      const first = reads.length;
      await attacked.send(
        attacked.say(whole, contents(5, 30_000)),
        attacked.say(ping, payload),
        attacked.say(whole, contents(6, 900)),
      );
      if (reads.length === first + 1) pinged.push(...reads.slice(first));
      for (let n = 0; n < 4; n++) await attacked.send(attacked.say(whole, contents(n, 40_000)));
    }
    assert.ok((heard.connection?.bufferedBytes() ?? 0) > 0, "the answers wait");
    assert.ok(pinged.some(isLarge));
    assert.is(pinged.filter(isGone).length, 0);
    assert.ok(reads.filter((read) => isLarge(read) && isGone(read)).length > 10, "the reads without one are gone");
    socket.resume();
    const headBytes = end === "server" ? 2 : 6;
    const pongBytes = payloads.reduce((total, { length }) => total + headBytes + length, 0);
    const total = 60 * (8 + headBytes + 250_000) + pongBytes;
    await until(() => answers.reduce((sum, { length }) => sum + length, 0) >= total);
    assert.equal(pongsIn(Buffer.concat(answers)), payloads.map(described));
    await attacked.stillRight();
  },
);

/** A frame in pieces of these lengths, with something between them. */
function inPieces(attacked: Attack, payload: Buffer, lengths: readonly number[], between: () => Buffer): Buffer[] {
  let at = 0;
  return lengths.map((length, i) => {
    const first = i === lengths.length - 1 ? lastPiece : i === 0 ? firstPiece : piece;
    const said = attacked.say(first, payload.subarray(at, (at += length)));
    return first === lastPiece ? said : Buffer.concat([said, between()]);
  });
}

onBothEnds("frames in many pieces with pings and pongs between arrive whole", async (attacked) => {
  const frames = [0, 1, 2, 3].map((seed) => contents(seed, 200_000));
  const between = (): Buffer => Buffer.concat([ping, pong].map((first) => attacked.say(first, contents(9, 100))));
  for (const frame of frames)
    await attacked.send(...inPieces(attacked, frame, [20_000, 0, 60_000, 1, 100, 70_000, 49_899, 0], between));
  assert.equal(attacked.heard.frames, frames.map(described));
  await attacked.stillRight();
});

onBothEnds("a piece that waits while pongs nobody asked for come after it", async (attacked) => {
  const frame = contents(1, 90_000);
  const [first, last] = inPieces(attacked, frame, [60_000, 30_000], () => nothing) as [Buffer, Buffer];
  await attacked.send(first);
  const pongs = Array.from({ length: 100 }, () => attacked.say(pong, contents(2, 125)));
  for (let n = 0; n < 7; n++) await attacked.send(...pongs);
  await attacked.send(last);
  assert.equal(attacked.heard.frames, [described(frame)]);
  await attacked.stillRight();
});

onBothEnds("a frame that is all of a read", async (attacked) => {
  const frames = [20_000, 40_000, 60_000].map((bytes, i) => contents(i, bytes));
  for (const frame of frames) {
    const said = attacked.say(whole, frame);
    await attacked.send(said.subarray(0, said.length - frame.length));
    await attacked.send(said.subarray(said.length - frame.length));
  }
  assert.ok(attacked.reads.some(({ length }) => length === 60_000));
  assert.equal(attacked.heard.frames, frames.map(described));
  await attacked.stillRight();
});

onBothEnds("a piece that is all of a read, and then all of its frame", async (attacked) => {
  const frame = contents(3, 50_000);
  const [first, last] = inPieces(attacked, frame, [50_000, 0], () => nothing) as [Buffer, Buffer];
  await attacked.send(first.subarray(0, first.length - frame.length));
  await attacked.send(first.subarray(first.length - frame.length));
  await attacked.send(last);
  assert.equal(attacked.heard.frames, [described(frame)]);
  await attacked.stillRight();
});

onBothEnds("pieces whose headers are shorter than that of one frame", async (attacked) => {
  const frames = Array.from({ length: 60 }, (_, i) => contents(i, 65_536));
  for (const frame of frames) await attacked.send(...inPieces(attacked, frame, [65_535, 1], () => nothing));
  assert.equal(attacked.heard.frames, frames.map(described));
  await attacked.stillRight();
});

onBothEnds("lengths in more bytes than they need", async (attacked) => {
  const frames = [0, 1, 125, 126, 30_000, 65_535].map((bytes, i) => contents(i, bytes));
  const said = frames.flatMap((frame) => [2, 8].map((lengthBytes) => attacked.say(whole, frame, lengthBytes)));
  for (let n = 0; n < 20; n++) await attacked.send(...said);
  assert.is(attacked.heard.frames.length, 40 * frames.length);
  assert.equal([...new Set(attacked.heard.frames)], frames.map(described));
  await attacked.stillRight();
});

onBothEnds("headers of empty pieces, more than are kept", async (attacked) => {
  const frame = contents(4, 100);
  const lengths = Array.from({ length: framePiecesMax }, (_, i) => (i === 7 ? frame.length : 0));
  const said = Buffer.concat(inPieces(attacked, frame, lengths, () => nothing));
  const count = Math.ceil((1.5 * 1024 * 1024) / said.length);
  for (let n = 0; n < count; n++) attacked.socket.write(said);
  await until(() => attacked.heard.frames.length === count);
  assert.equal([...new Set(attacked.heard.frames)], [described(frame)]);
  await attacked.stillRight();
});

const goodbye = Buffer.concat([Buffer.from([3, 232]), Buffer.from("a reason")]);
type Ending = (attacked: Attack) => void;
const endings: Readonly<Record<string, Ending>> = {
  "a goodbye in the middle of a frame": (attacked) => void attacked.socket.write(attacked.say(close, goodbye)),
  "a frame over the limit": (attacked) =>
    void attacked.socket.write(attacked.say(whole, contents(1, frameBytesMax + 1))),
  "a length of 2^40 bytes": ({ socket }) => void socket.write(Buffer.from("82ff0000010000000000", "hex")),
  "bytes that are no frame": ({ socket }) => void socket.write(contents(8, 40_000)),
  "a reset": ({ socket }) => void socket.resetAndDestroy(),
  "an end": ({ socket }) => void socket.end(),
  "our own goodbye": ({ heard }) => void heard.connection?.close(),
  "our own goodbye while a frame is handled": ({ heard }) => void (heard.onFrame = () => heard.connection?.close()),
};
for (const [name, ending] of Object.entries(endings)) {
  onBothEnds(`${name}, and more behind it`, async (attacked) => {
    const frames = Buffer.concat([70_000, 3, 50_000].map((bytes, i) => attacked.say(whole, contents(i, bytes))));
    await attacked.send(frames, frames.subarray(0, 60_000));
    ending(attacked);
    for (let n = 0; n < 20; n++) attacked.socket.write(frames);
    attacked.socket.end(attacked.say(close, goodbye));
    await until(() => attacked.heard.ends === 1);
    assert.equal(
      attacked.heard.frames.slice(0, 3),
      [70_000, 3, 50_000].map((bytes, i) => described(contents(i, bytes))),
    );
  });
}

test.run();
