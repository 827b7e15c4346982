/**
 * The floor of the way: a file over a plain WebSocket between two processes, hashed with Node's SHA-256 where it arrives.
 * Nothing is encrypted, verified or written.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { startStopwatch } from "./measure.ts";
import type { Setup, SourceFile, Span } from "./messages.ts";

const frameBytes = 64 * 1024;
const options = { perMessageDeflate: false } as const;

export type BareSocketSenderCalls = Awaited<ReturnType<typeof bareSocketSenderCalls>>;
export type BareSocketReceiverCalls = Awaited<ReturnType<typeof bareSocketReceiverCalls>>;

export async function bareSocketSenderCalls(_setup: Setup) {
  return {
    /** Sends the file to whoever asks; answers with its address. */
    async serve({ path }: SourceFile): Promise<string> {
      const server = new WebSocketServer({ ...options, host: "127.0.0.1", port: 0 });
      await once(server, "listening");
      server.on("connection", (socket) => socket.once("message", () => void sendFile(socket, path)));
      return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

async function sendFile(socket: WebSocket, path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: frameBytes })) {
    await new Promise<void>((resolve, reject) => {
      socket.send(chunk as Uint8Array, (error) => (error ? reject(error) : resolve()));
    });
  }
  socket.close();
}

export async function bareSocketReceiverCalls(setup: Setup) {
  return {
    async receive(url: string): Promise<Span & { readonly digest: string }> {
      const socket = new WebSocket(url, options);
      await once(socket, "open");
      const hash = createHash("sha256");
      socket.on("message", (data: Buffer) => hash.update(data));
      const watch = await startStopwatch(setup, "bare-socket");
      socket.send("");
      await once(socket, "close");
      const digest = hash.digest("hex");
      return { ...(await watch.stop()), digest };
    },
  };
}
