/** The shapes of the public face. */
import type { Clock } from "../base/clock.ts";
import type { EpochMs, FileId, MessageId, PeerId } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import type { StorageProvider } from "../base/storage.ts";
import type { Transport } from "../base/transport.ts";

/** A device's Ed25519 key pair, owned by the app. */
export interface IdentityKeys {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes, as libsodium has it: seed and public key. */
  readonly secretKey: Uint8Array;
}

/** Who shares attachments, owned by the app; hand over a new one with `setGroup` when it changes. */
export interface GroupOptions {
  /** The same on every device; tells groups with the same members apart. Any text. */
  readonly name: string;
  /** Peer ids, this device's own among them: public keys as 64 lower-case hex digits (`peerIdOf`). */
  readonly members: Iterable<string>;
  /** 32 bytes each, newest first. The newest seals new descriptors; keep old ones for as long as their attachments are to be read. */
  readonly keys: readonly Uint8Array[];
}

/** What `openFileSync` takes. */
export interface OpenOptions {
  /** `memoryStorage()`, or `nodeStorage(path)` from focused-file-sync/node. */
  readonly storage: StorageProvider;
  /** Of this device; the same at every opening. */
  readonly identity: IdentityKeys;
  /** As it is now; later changes by `setGroup`. */
  readonly group: GroupOptions;
  /** None: works offline, on what is in the store. */
  readonly transport?: Transport | readonly Transport[];
  /** For tests. Default: the system's. */
  readonly clock?: Clock;
  /** For tests. Default: the platform's generator. */
  readonly random?: Random;
  /** Default: silent. Lines hold codes and counts, never a name or a key. */
  readonly logger?: Logger;
  /** Browsers only: `sql-wasm-browser.wasm` of sql.js, its URL or its bytes. */
  readonly sqlWasm?: string | URL | Uint8Array;
}

/** What can be attached. Of a stream, give `fileBytes` when it is known: the slices are then read once less. */
export type AttachmentSource = Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | FileSource;

/** A file on disk: `fileSource(path)` of focused-file-sync/node. */
export interface FileSource extends AsyncIterable<Uint8Array> {
  readonly fileBytes: number;
}

/** How far `attach` has come. */
export interface AttachProgress {
  /** Read from the source and sealed. */
  readonly bytesDone: number;
  /** Undefined for a stream of unknown length. */
  readonly fileBytes: number | undefined;
}

/** What `attach` takes beside the source: which message it belongs to, and what members are told of it. */
export interface AttachOptions {
  /** The app's message: 16 bytes as 32 hex digits; a UUID with dashes will do. */
  readonly messageId: string;
  /** At most 255 bytes of UTF-8; kept as it is, never used as a path. */
  readonly name?: string;
  /** At most 127 bytes. */
  readonly mediaType?: string;
  /** Of an image or video, in pixels. */
  readonly width?: number;
  /** Of an image or video, in pixels. */
  readonly height?: number;
  /** A thumbhash or blurhash, at most 64 bytes. */
  readonly preview?: Uint8Array;
  /** Gone everywhere after this many milliseconds; 0 or absent = never. */
  readonly ttlMs?: number;
  /** Length of a stream, when it is known: more or fewer bytes are an error then. */
  readonly fileBytes?: number;
  /** Aborted: `attach` rejects with its reason and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** Called while the source is read. */
  readonly onProgress?: (progress: AttachProgress) => void;
}

/** What a descriptor says of a file; the key stays inside. */
export interface Attachment {
  /** 32 lower-case hex digits: what every other call takes. */
  readonly fileId: FileId;
  /** 32 lower-case hex digits: a UUID comes back without its dashes. */
  readonly messageId: MessageId;
  /** The peer that attached it. */
  readonly author: PeerId;
  /** By its author's clock. */
  readonly createdAtMs: EpochMs;
  /** 0: never. */
  readonly expiresAtMs: EpochMs;
  /** Length of the file. */
  readonly fileBytes: number;
  /** As its author gave it: it can hold anything. `safeFileName` makes a name for a file of it. */
  readonly name: string;
  /** As its author gave it: a hint, not to be trusted. */
  readonly mediaType: string;
  /** Pixels; 0: not given. */
  readonly width: number;
  /** Pixels; 0: not given. */
  readonly height: number;
  /** Empty: not given. */
  readonly preview: Uint8Array;
}

/** Which bytes `read` gives. */
export interface ReadOptions {
  /** First byte; 0 when absent. */
  readonly start?: number;
  /** Behind the last byte; the end of the file when absent. */
  readonly end?: number;
  /** Ends the stream, not the want. */
  readonly signal?: AbortSignal;
}
