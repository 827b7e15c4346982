/**
 * The peers' packages, as far as our scripts use them. They are installed apart from the project, so the compiler cannot
 * look; what does not fit shows when it runs.
 */

declare module "@hyperswarm/secret-stream" {
  import type { Duplex } from "node:stream";
  export default class NoiseSecretStream extends Duplex {
    constructor(isInitiator: boolean, socket: Duplex);
    readonly opened: Promise<boolean>;
  }
}

declare module "corestore" {
  import type { Duplex } from "node:stream";
  export default class Corestore {
    constructor(folder: string);
    replicate(stream: Duplex): void;
    close(): Promise<void>;
  }
}

declare module "hyperdrive" {
  import type { Readable, Writable } from "node:stream";
  import type Corestore from "corestore";
  interface Options {
    readonly encryptionKey: Buffer | undefined;
  }
  interface Core {
    once(event: "peer-add", listener: () => void): void;
    on(event: "download", listener: (index: number, byteLength: number) => void): void;
    download(range: { start: number; length: number }): { done(): Promise<void> };
  }
  export default class Hyperdrive {
    constructor(store: Corestore, options: Options);
    constructor(store: Corestore, key: Buffer, options: Options);
    readonly key: Buffer;
    readonly core: Core;
    ready(): Promise<void>;
    findingPeers(): () => void;
    update(options: { wait: boolean }): Promise<boolean>;
    entry(path: string): Promise<{ value: { blob: { blockOffset: number; blockLength: number } } } | null>;
    getBlobs(): Promise<{ core: Core }>;
    createReadStream(path: string, options: { wait: boolean }): Readable;
    createWriteStream(path: string): Writable;
    close(): Promise<void>;
  }
}

declare module "webtorrent" {
  export interface Torrent {
    readonly torrentFile: Uint8Array;
    readonly progress: number;
    readonly files: readonly { readonly path: string }[];
    addPeer(address: string): boolean;
    on(event: "infoHash" | "download" | "done", listener: () => void): void;
    on(event: "error", listener: (error: Error) => void): void;
    once(event: "wire", listener: () => void): void;
  }
  export default class WebTorrent {
    constructor(options: Readonly<Record<string, boolean>>);
    readonly torrentPort: number;
    seed(path: string, options: { announce: string[] }, listener: (torrent: Torrent) => void): void;
    add(torrentFile: Buffer, options: { path: string; announce: string[] }): Torrent;
    on(event: "error", listener: (error: Error) => void): void;
    destroy(listener: () => void): void;
  }
}

declare module "tus-js-client" {
  import type { Readable } from "node:stream";
  interface Options {
    readonly endpoint: string;
    readonly uploadSize: number;
    readonly metadata: Readonly<Record<string, string>>;
    readonly retryDelays: readonly number[];
    onError(error: Error): void;
  }
  export class Upload {
    constructor(file: Readable, options: Options);
    start(): void;
  }
}

declare module "@tus/file-store" {
  export class FileStore {
    constructor(options: { directory: string });
  }
}

declare module "@tus/server" {
  import type { IncomingMessage, ServerResponse } from "node:http";
  import type { FileStore } from "@tus/file-store";
  interface Upload {
    readonly id: string;
    readonly metadata?: Readonly<Record<string, string | null>>;
  }
  interface Options {
    readonly path: string;
    readonly datastore: FileStore;
    onUploadFinish(request: unknown, upload: Upload): Promise<object>;
  }
  export class Server {
    constructor(options: Options);
    handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  }
}

declare module "multiformats/cid" {
  export class CID {
    static parse(text: string): CID;
    toString(): string;
  }
}

declare module "@multiformats/multiaddr" {
  export interface Multiaddr {
    toString(): string;
  }
  export function multiaddr(text: string): Multiaddr;
}

declare module "helia" {
  import type { Multiaddr } from "@multiformats/multiaddr";
  export interface Helia {
    start(): Promise<void>;
    stop(): Promise<void>;
    readonly libp2p: { getMultiaddrs(): Multiaddr[]; dial(address: Multiaddr): Promise<unknown> };
  }
  export function createHeliaLight(options: { blockstore: object; datastore: object }): Helia;
}

declare module "@helia/libp2p" {
  import type { Helia } from "helia";
  export function withLibp2pLight(helia: Helia, options: object): Helia;
}

declare module "@helia/bitswap" {
  import type { Helia } from "helia";
  export function withBitswap(helia: Helia): Helia;
}

declare module "@helia/unixfs" {
  import type { CID } from "multiformats/cid";
  import type { Helia } from "helia";
  export interface UnixFS {
    addByteStream(source: AsyncIterable<Uint8Array>): Promise<CID>;
    cat(cid: CID, options?: { offline: boolean }): AsyncIterable<Uint8Array>;
  }
  export function unixfs(helia: Helia): UnixFS;
}

declare module "blockstore-fs" {
  export class FsBlockstore {
    constructor(folder: string);
  }
}

declare module "datastore-level" {
  export class LevelDatastore {
    constructor(folder: string);
  }
}

declare module "@libp2p/tcp" {
  export function tcp(): object;
}

declare module "@libp2p/identify" {
  export function identify(): object;
}

declare module "@chainsafe/libp2p-noise" {
  export function noise(): object;
}

declare module "@chainsafe/libp2p-yamux" {
  export function yamux(): object;
}
