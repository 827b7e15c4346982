/**
 * Hyperdrive (Hypercore and Corestore, RocksDB on disk) over one socket within a Noise stream. Blocks are verified against
 * the signed Merkle root. Looking up the file in the drive is within the clock, as its API has it; `setupSeconds` says how
 * long that took.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import net from "node:net";
import { pipeline } from "node:stream/promises";
import type { Contender, Info } from "./contract.ts";
import { listenOnLoopback } from "./plain-file.ts";

/** Its own default. */
export const usualBlockBytes = 64 * 1024;
/** Anything: both ends have it. */
export const blockKey = Buffer.alloc(32, 7);
const drivePath = "/file.bin";

interface DriveInfo extends Info {
  readonly port: number;
  readonly key: string;
}

export interface DriveOptions {
  /** Blocks are encrypted at rest as well, so that a relay without the key holds ciphertext. */
  readonly encryptionKey: Buffer | undefined;
  readonly blockBytes: number;
}

export const hyperdrive = ({ encryptionKey, blockBytes }: DriveOptions): Contender<DriveInfo> => ({
  async sender({ folder, source, begin }) {
    const { Corestore, Hyperdrive, Noise } = await load();
    const store = new Corestore(folder);
    const drive = new Hyperdrive(store, { encryptionKey });
    await drive.ready();
    begin();
    await pipeline(blocksOf(source.path, blockBytes), drive.createWriteStream(drivePath));
    const port = await listenOnLoopback((socket) => {
      const noise = new Noise(false, socket);
      noise.on("error", () => {});
      store.replicate(noise);
    });
    return { info: { port, key: drive.key.toString("hex") } };
  },

  async receiver({ folder, info, fileBytes, progress }) {
    const { Corestore, Hyperdrive, Noise } = await load();
    const store = new Corestore(folder);
    const drive = new Hyperdrive(store, Buffer.from(info.key, "hex"), { encryptionKey });
    await drive.ready();
    const noise = new Noise(true, net.connect(info.port, "127.0.0.1"));
    noise.on("error", () => {});
    await noise.opened;
    return {
      async receive() {
        const askedAtMs = performance.now();
        const found = drive.findingPeers();
        store.replicate(noise);
        drive.core.once("peer-add", found);
        await drive.update({ wait: true });
        const entry = await drive.entry(drivePath);
        if (entry === null) throw new Error("the drive has no such file");
        const { blob } = entry.value;
        const { core } = await drive.getBlobs();
        const setupSeconds = (performance.now() - askedAtMs) / 1000;
        let receivedBytes = 0;
        core.on("download", (_index, byteLength) => {
          receivedBytes += byteLength;
          progress(receivedBytes / fileBytes);
        });
        await core.download({ start: blob.blockOffset, length: blob.blockLength }).done();
        return { setupSeconds };
      },
      async digest() {
        const hash = createHash("sha256");
        for await (const chunk of drive.createReadStream(drivePath, { wait: false })) hash.update(chunk as Buffer);
        return hash.digest("hex");
      },
      async close() {
        noise.destroy();
        await drive.close();
        await store.close();
      },
    };
  },
});

async function load() {
  const { default: Corestore } = await import("corestore");
  const { default: Hyperdrive } = await import("hyperdrive");
  const { default: Noise } = await import("@hyperswarm/secret-stream");
  return { Corestore, Hyperdrive, Noise };
}

/** Each write becomes one block. */
async function* blocksOf(path: string, blockBytes: number): AsyncGenerator<Buffer> {
  const highWaterMark = Math.max(1, Math.floor(usualBlockBytes / blockBytes)) * blockBytes;
  for await (const chunk of createReadStream(path, { highWaterMark })) {
    const bytes = chunk as Buffer;
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
  }
}
