/** What the floors and others with sockets of their own have in common. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";

const bufferedBytesMax = 1024 * 1024;

/** Answers with the port. */
export async function listenOnLoopback(take: (socket: Socket) => void): Promise<number> {
  const server = createServer(take).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

export interface Incoming {
  readonly path: string;
  readonly chunks: AsyncIterable<Buffer>;
  readonly fileBytes: number;
  /** SHA-256, from the sender. */
  readonly sum: string;
  progress(fraction: number): void;
}

/** Hashes and writes what comes until it is the whole file. */
export async function writeProved({ path, chunks, fileBytes, sum, progress }: Incoming): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: bufferedBytesMax });
  const hash = createHash("sha256");
  let receivedBytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    receivedBytes += chunk.length;
    progress(receivedBytes / fileBytes);
    if (!file.write(chunk)) await once(file, "drain");
    if (receivedBytes >= fileBytes) break;
  }
  file.end();
  await once(file, "close");
  if (receivedBytes !== fileBytes || hash.digest("hex") !== sum) throw new Error("the file is not what was sent");
}
