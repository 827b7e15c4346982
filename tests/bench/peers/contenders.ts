/** Who is measured, and what each of them does and does not do for the same file. docs/BENCHMARKS_PEERS.md shows it. */

export interface Named {
  /** Of its script in children/, and for `--peers`. */
  readonly name: string;
  /** In tables. */
  readonly title: string;
  /** Whose versions it is; none for ours and what is Node alone. */
  readonly packages: readonly string[];
  /** Otherwise only when it is named. */
  readonly isUsual: boolean;
  readonly encrypts: "way and disk" | "way" | "nothing";
  readonly verifies: string;
  /** What is within the clock, what is not. */
  readonly remark: string;
}

export const ourName = "ours";

export const contenders: readonly Named[] = [
  {
    name: ourName,
    title: "focused-file-sync",
    packages: [],
    isUsual: true,
    encrypts: "way and disk",
    verifies: "each window of slices by its leaf, BLAKE2b",
    remark:
      "Before the clock: connected, the descriptor has come. Attaching and fetching flush by themselves; the harness flushes again.",
  },
  {
    name: "bare-socket",
    title: "bare socket, SHA-256",
    packages: [],
    isUsual: true,
    encrypts: "nothing",
    verifies: "the whole at the end, SHA-256",
    remark: "Before the clock: connected, the hash is known. No store, no resume: the floor.",
  },
  {
    name: "bare-noise",
    title: "bare Noise socket, SHA-256",
    packages: ["@hyperswarm/secret-stream"],
    isUsual: true,
    encrypts: "way",
    verifies: "the whole at the end, SHA-256",
    remark:
      "Before the clock: connected, handshake done, the hash is known. No store, no resume: the floor of what encrypts the way. Native libsodium.",
  },
  {
    name: "tus",
    title: "tus",
    packages: ["tus-js-client", "@tus/server"],
    isUsual: true,
    encrypts: "nothing",
    verifies: "not by itself; a SHA-256 of the stored file is within the clock",
    remark:
      "An upload to a server that can read. Listening, connecting and the upload's creation are within the clock. Nothing to take in.",
  },
  {
    name: "webtorrent",
    title: "WebTorrent, one direct peer",
    packages: ["webtorrent"],
    isUsual: true,
    encrypts: "nothing",
    verifies: "each piece, SHA-1",
    remark:
      "The torrent file is there before; connecting is within the clock and told apart as setup. It serves the file where it lies and makes no copy of it.",
  },
  {
    name: "hyperdrive",
    title: "Hyperdrive over Noise, plain on disk",
    packages: ["hyperdrive", "hypercore"],
    isUsual: false,
    encrypts: "way",
    verifies: "each block of 64 KiB by a signed Merkle tree, BLAKE2b",
    remark: "As the next, without encryption at rest.",
  },
  {
    name: "hyperdrive-encrypted",
    title: "Hyperdrive over Noise",
    packages: ["hyperdrive", "hypercore"],
    isUsual: true,
    encrypts: "way and disk",
    verifies: "each block of 64 KiB by a signed Merkle tree, BLAKE2b",
    remark:
      "Before the clock: connected, handshake done, the drive's key is known. Replication's start and looking the file up in the drive are within it and told apart as setup. Native libsodium and RocksDB.",
  },
  {
    name: "hyperdrive-450",
    title: "Hyperdrive, blocks of 450 bytes",
    packages: ["hyperdrive", "hypercore"],
    isUsual: false,
    encrypts: "way and disk",
    verifies: "each block of 450 bytes by a signed Merkle tree, BLAKE2b",
    remark: "What no one would run: what small blocks cost in a store that keeps each apart.",
  },
  {
    name: "helia",
    title: "Helia, bitswap over TCP and Noise",
    packages: ["helia", "@helia/bitswap"],
    isUsual: true,
    encrypts: "way",
    verifies: "each block by its CID, SHA-256",
    remark: "Before the clock: connected, the root's CID is known. Native LevelDB.",
  },
];

export function contenderOf(name: string): Named {
  const found = contenders.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no contender is called ${name}`);
  return found;
}
