/** The same within a Noise stream (XX, ChaCha20-Poly1305, native libsodium): what encrypting the way alone costs. */
import { createReadStream } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { digestOfFile } from "../disk.ts";
import type { Info } from "./contract.ts";
import { runEnd } from "./ends.ts";
import { listenOnLoopback, writeProved } from "./plain-file.ts";

const chunkBytes = 64 * 1024;

interface BareInfo extends Info {
  readonly port: number;
  readonly sum: string;
}

runEnd<BareInfo>({
  async sender({ source, begin }) {
    const { default: Noise } = await import("@hyperswarm/secret-stream");
    begin();
    const sum = await digestOfFile(source.path);
    const sendTo = async (noise: InstanceType<typeof Noise>): Promise<void> => {
      for await (const chunk of createReadStream(source.path, { highWaterMark: chunkBytes })) {
        if (!noise.write(chunk)) await new Promise((resolve) => noise.once("drain", resolve));
      }
      noise.end();
    };
    const port = await listenOnLoopback((socket) => {
      const noise = new Noise(false, socket);
      noise.on("error", () => {});
      noise.once("data", () => void sendTo(noise));
    });
    return { info: { port, sum } };
  },
  async receiver({ folder, info, fileBytes, progress }) {
    const { default: Noise } = await import("@hyperswarm/secret-stream");
    const path = join(folder, "file.bin");
    const noise = new Noise(true, net.connect(info.port, "127.0.0.1"));
    await noise.opened;
    return {
      async receive() {
        noise.write(Buffer.from("ask"));
        await writeProved({ path, chunks: noise, fileBytes, sum: info.sum, progress });
        return {};
      },
      digest: () => digestOfFile(path),
      close: async () => void noise.destroy(),
    };
  },
});
