/**
 * Helia (IPFS in JavaScript): UnixFS over bitswap, libp2p with TCP, Noise and Yamux, blocks and LevelDB on disk. No
 * routers, relays, gateways or bootstrap: the receiver dials the sender's address. Every block is verified against its
 * CID (SHA-256). The way is encrypted, what is stored is not.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { Info } from "./contract.ts";
import { runEnd } from "./ends.ts";

const readAheadBytes = 1024 * 1024;

interface HeliaInfo extends Info {
  readonly cid: string;
  readonly address: string;
}

/** Helia 7 and its dependencies expect Node 22; on Node 20 this is all that is missing. */
function addWithResolvers(): void {
  const promise = Promise as unknown as { withResolvers?: () => unknown };
  promise.withResolvers ??= () => {
    const settle: Record<string, unknown> = {};
    const made = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
    return { promise: made, ...settle };
  };
}

async function openNode(folder: string, listen: readonly string[]) {
  addWithResolvers();
  const { createHeliaLight } = await import("helia");
  const { withLibp2pLight } = await import("@helia/libp2p");
  const { withBitswap } = await import("@helia/bitswap");
  const { unixfs } = await import("@helia/unixfs");
  const { FsBlockstore } = await import("blockstore-fs");
  const { LevelDatastore } = await import("datastore-level");
  const { tcp } = await import("@libp2p/tcp");
  const { noise } = await import("@chainsafe/libp2p-noise");
  const { yamux } = await import("@chainsafe/libp2p-yamux");
  const { identify } = await import("@libp2p/identify");
  const stored = createHeliaLight({
    blockstore: new FsBlockstore(join(folder, "blocks")),
    datastore: new LevelDatastore(join(folder, "data")),
  });
  const connected = withLibp2pLight(stored, {
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  const helia = withBitswap(connected);
  await helia.start();
  return { helia, files: unixfs(helia) };
}

runEnd<HeliaInfo>({
  async sender({ folder, source, begin }) {
    const { helia, files } = await openNode(folder, ["/ip4/127.0.0.1/tcp/0"]);
    begin();
    const cid = await files.addByteStream(createReadStream(source.path, { highWaterMark: readAheadBytes }));
    return { info: { cid: cid.toString(), address: String(helia.libp2p.getMultiaddrs()[0]) } };
  },
  async receiver({ folder, info, fileBytes, progress }) {
    const { helia, files } = await openNode(folder, []);
    const { CID } = await import("multiformats/cid");
    const { multiaddr } = await import("@multiformats/multiaddr");
    await helia.libp2p.dial(multiaddr(info.address));
    const cid = CID.parse(info.cid);
    return {
      async receive() {
        let receivedBytes = 0;
        for await (const chunk of files.cat(cid)) {
          receivedBytes += chunk.length;
          progress(receivedBytes / fileBytes);
        }
        if (receivedBytes !== fileBytes) throw new Error(`only ${receivedBytes} bytes came`);
        return {};
      },
      async digest() {
        const hash = createHash("sha256");
        for await (const chunk of files.cat(cid, { offline: true })) hash.update(chunk);
        return hash.digest("hex");
      },
      close: () => helia.stop(),
    };
  },
});
