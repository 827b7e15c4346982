/** The least that can be done: a socket, file streams, SHA-256. Nothing is encrypted, nothing resumed. */
import { createReadStream } from "node:fs";
import net from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { digestOfFile } from "../disk.ts";
import type { Info } from "./contract.ts";
import { runEnd } from "./ends.ts";
import { listenOnLoopback, writeProved } from "./plain-file.ts";

const chunkBytes = 1024 * 1024;

interface BareInfo extends Info {
  readonly port: number;
  readonly sum: string;
}

runEnd<BareInfo>({
  async sender({ source, begin }) {
    begin();
    const sum = await digestOfFile(source.path);
    const port = await listenOnLoopback((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => createReadStream(source.path, { highWaterMark: chunkBytes }).pipe(socket));
    });
    return { info: { port, sum } };
  },
  async receiver({ folder, info, fileBytes, progress }) {
    const path = join(folder, "file.bin");
    const socket = net.connect(info.port, "127.0.0.1");
    await once(socket, "connect");
    return {
      async receive() {
        socket.write("ask");
        await writeProved({ path, chunks: socket, fileBytes, sum: info.sum, progress });
        return {};
      },
      digest: () => digestOfFile(path),
      close: async () => void socket.destroy(),
    };
  },
});
