/**
 * WebTorrent over plain BitTorrent TCP: the torrent file is handed over out of band, and so is the seeder's address. No
 * DHT, tracker, discovery, uTP or WebRTC. Pieces are verified with SHA-1. Nothing is encrypted: its obfuscation with RC4
 * is off by default. Connecting is within the clock, as its API has it; `setupSeconds` says how long that took.
 */
import { join } from "node:path";
import type { Torrent } from "webtorrent";
import { digestOfFile } from "../disk.ts";
import type { Detail, Info } from "./contract.ts";
import { runEnd } from "./ends.ts";

const nothingElse = {
  dht: false,
  tracker: false,
  lsd: false,
  utPex: false,
  utp: false,
  natUpnp: false,
  natPmp: false,
  webSeeds: false,
};

interface TorrentInfo extends Info {
  readonly port: number;
  readonly torrentFile: Uint8Array;
}

async function openClient() {
  const { default: WebTorrent } = await import("webtorrent");
  return new WebTorrent(nothingElse);
}

runEnd<TorrentInfo>({
  async sender({ source, begin }) {
    const client = await openClient();
    client.on("error", fail);
    begin();
    const torrent = await new Promise<Torrent>((resolve) => client.seed(source.path, { announce: [] }, resolve));
    return { info: { port: client.torrentPort, torrentFile: torrent.torrentFile } };
  },
  async receiver({ folder, info, progress }) {
    const client = await openClient();
    let torrent: Torrent | undefined;
    const receive = (): Promise<Detail> =>
      new Promise((resolve, reject) => {
        const askedAtMs = performance.now();
        let setupSeconds = Number.NaN;
        client.on("error", reject);
        const added = client.add(Buffer.from(info.torrentFile), { path: folder, announce: [] });
        torrent = added;
        added.on("error", reject);
        added.on("infoHash", () => void added.addPeer(`127.0.0.1:${info.port}`));
        added.once("wire", () => {
          setupSeconds = (performance.now() - askedAtMs) / 1000;
        });
        added.on("download", () => progress(added.progress));
        added.on("done", () => resolve({ setupSeconds }));
      });
    return {
      receive,
      digest: () => digestOfFile(join(folder, torrent?.files[0]?.path ?? "")),
      close: () => new Promise((resolve) => client.destroy(resolve)),
    };
  },
});

function fail(error: Error): never {
  throw error;
}
