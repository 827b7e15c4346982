/** Real WebSockets on loopback: connections that break, come twice or come from both sides; closing in the middle. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeWebSocketTransport, webSocketServer } from "../../core/node.ts";
import type { FileSync, Transport } from "../../core/index.ts";
import { bytesOf, circleOf, content, message, rejects, until, type Circle } from "../api/circle.ts";

const test = suite("host: sockets");

const fileBytes = 6_000_000;

/** A server of the app's own, so that a test can cut its sockets. */
class CuttableServer {
  readonly server: Server = createServer();
  readonly sockets = new Set<Socket>();

  async listen(): Promise<string> {
    this.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async end(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

interface Wired {
  readonly circle: Circle;
  readonly servers: Readonly<Record<"anna" | "ben", CuttableServer>>;
  readonly urls: Readonly<Record<"anna" | "ben", string>>;
  open(name: "anna" | "ben", dials?: readonly ("anna" | "ben")[]): Promise<FileSync>;
}

async function wired(story: (wired: Wired) => Promise<void>): Promise<void> {
  const circle = await circleOf(["anna", "ben"]);
  const servers = { anna: new CuttableServer(), ben: new CuttableServer() };
  const urls = { anna: await servers.anna.listen(), ben: await servers.ben.listen() };
  try {
    await story({
      circle,
      servers,
      urls,
      async open(name, dials = []) {
        const transport: Transport[] = [webSocketServer({ server: servers[name].server })];
        if (dials.length > 0) transport.push(nodeWebSocketTransport({ connect: dials.map((each) => urls[each]) }));
        return circle.open(name, { transport });
      },
    });
  } finally {
    await circle.end();
    await Promise.all([servers.anna.end(), servers.ben.end()]);
  }
}

async function attachFor(anna: FileSync, ben: FileSync): Promise<{ fileId: string; bytes: Uint8Array }> {
  const bytes = content(fileBytes);
  const { fileId } = await anna.attach(bytes, { messageId: message });
  await until("ben hears of it", () => ben.attachments().length === 1);
  return { fileId, bytes };
}

/** Lets the transfer run until that percentage is there, seen from within: a timer would come too late. */
function atPercent(sync: FileSync, fileId: string, percent: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = sync.subscribe(() => {
      if ((sync.progress(fileId)?.percent ?? 0) < percent) return;
      stop();
      resolve();
    });
  });
}

test("the connection is cut again and again: each time it goes on from what is held", () =>
  wired(async ({ open, servers }) => {
    const anna = await open("anna");
    const ben = await open("ben", ["anna"]);
    const { fileId, bytes } = await attachFor(anna, ben);
    const percents: number[] = [];
    ben.subscribe(() => percents.push(ben.progress(fileId)?.percent ?? 0));
    await ben.request(fileId);
    for (let cuts = 0; cuts < 2 && ben.progress(fileId)?.status !== "complete"; cuts++) {
      await Promise.race([atPercent(ben, fileId, 20 + 30 * cuts), ben.whenComplete(fileId)]);
      servers.anna.cut();
    }
    await ben.whenComplete(fileId);
    assert.ok(
      percents.every((percent, i) => percent >= (percents[i - 1] ?? 0)),
      percents.join(" "),
    );
    assert.ok(Buffer.from(await bytesOf(ben.read(fileId))).equals(bytes));
  }));

test("both dial each other at once: two connections or one, the transfer is one, and it survives the loss of either", () =>
  wired(async ({ open, servers }) => {
    const [anna, ben] = await Promise.all([open("anna", ["ben"]), open("ben", ["anna"])]);
    const { fileId, bytes } = await attachFor(anna, ben);
    await until("both connections are up", () => servers.anna.sockets.size + servers.ben.sockets.size >= 2);
    await ben.request(fileId);
    await Promise.race([atPercent(ben, fileId, 20), ben.whenComplete(fileId)]);
    servers.anna.cut();
    await Promise.race([atPercent(ben, fileId, 50), ben.whenComplete(fileId)]);
    servers.ben.cut();
    await ben.whenComplete(fileId);
    assert.ok(Buffer.from(await bytesOf(ben.read(fileId))).equals(bytes));
    const { fileId: back } = await ben.attach(content(1000), { messageId: message });
    await until("anna hears of ben's", () => anna.progress(back) !== undefined);
    await anna.request(back);
    await anna.whenComplete(back);
  }));

test("one peer dialled twice: the second connection changes nothing, and losing both is mended", () =>
  wired(async ({ open, servers }) => {
    const anna = await open("anna");
    const ben = await open("ben", ["anna", "anna"]);
    await until("both connections are up", () => servers.anna.sockets.size === 2);
    const { fileId } = await attachFor(anna, ben);
    await ben.request(fileId);
    [...servers.anna.sockets][1]?.resetAndDestroy();
    await ben.whenComplete(fileId);
    servers.anna.cut();
    const { fileId: next } = await anna.attach(content(10), { messageId: message });
    await until("ben hears of the next", () => ben.progress(next) !== undefined);
  }));

test("our own address dialled by mistake: named, and nothing else suffers", () =>
  wired(async ({ open, circle, urls, servers }) => {
    const codes: unknown[] = [];
    const info = (_: string, fields: { code?: string } = {}): void => void codes.push(fields.code);
    const logger = { debug() {}, info, warn() {}, error() {} };
    const transport = [
      webSocketServer({ server: servers.anna.server }),
      nodeWebSocketTransport({ connect: urls.anna, reconnect: false }),
    ];
    const anna = await circle.open("anna", { transport, logger });
    await until("it is named", () => codes.includes("handshake_self"));
    const ben = await open("ben", ["anna"]);
    await attachFor(anna, ben);
  }));

for (const who of ["anna", "ben"] as const) {
  test(`${who} closes in the middle of a transfer and comes back: it goes on from what is held`, () =>
    wired(async ({ open }) => {
      const dials = { anna: [], ben: ["anna" as const] };
      const open1 = (name: "anna" | "ben"): Promise<FileSync> => open(name, dials[name]);
      const syncs = { anna: await open1("anna"), ben: await open1("ben") };
      const { fileId, bytes } = await attachFor(syncs.anna, syncs.ben);
      await syncs.ben.request(fileId);
      await atPercent(syncs.ben, fileId, 20);
      const before = syncs.ben.progress(fileId)?.bytesReceived ?? 0;
      await syncs[who].close();
      syncs[who] = await open1(who);
      const after = syncs.ben.progress(fileId)?.bytesReceived ?? 0;
      assert.ok(after >= before, `${before} bytes before, ${after} after`);
      await syncs.ben.whenComplete(fileId);
      assert.ok(Buffer.from(await bytesOf(syncs.ben.read(fileId))).equals(bytes));
    }));
}

test("closing frees the port, and a port that is taken is told by name", async () => {
  const circle = await circleOf(["anna", "ben"]);
  const server = webSocketServer();
  const anna = await circle.open("anna", { transport: server });
  const { port } = server.address();
  await rejects(circle.open("ben", { transport: webSocketServer({ port }) }), "connection_failed");
  await anna.close();
  const ben = await circle.open("ben", { transport: webSocketServer({ port }) });
  await ben.close();
});

test.run();
