/**
 * The world of the demo: a temporary folder with both stores, the sender's process, the receiver's process, and the link
 * between them. The parent stands for the app: it makes the keys and says who is in the group.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGroupKey, createIdentityKeys, peerIdOf, type GroupOptions, type IdentityKeys } from "../index.ts";
import {
  linkBytesPerSecondMax,
  linkBytesPerSecondMin,
  stepTimeoutMs,
  transferMs,
  transferTimeoutFactor,
} from "./demo-limits.ts";
import { Peer } from "./peer.ts";
import { Relay } from "./relay.ts";
import type { SourceFile } from "./source-file.ts";

export class Stage {
  readonly folder: string;
  readonly source: SourceFile;
  readonly bytesPerSecond: number;
  /** For whatever moves a whole file. */
  readonly transferTimeoutMs: number;
  readonly #receiverKeys: IdentityKeys;
  readonly #group: GroupOptions;
  #sender: Peer | undefined;
  #receiver: Peer | undefined;
  #relay: Relay | undefined;

  private constructor(source: SourceFile, folder: string, keys: readonly [IdentityKeys, IdentityKeys]) {
    this.source = source;
    this.folder = folder;
    this.#receiverKeys = keys[1];
    this.#group = { name: "demo", members: keys.map(peerIdOf), keys: [createGroupKey()] };
    const wanted = Math.round(source.fileBytes / (transferMs / 1000));
    this.bytesPerSecond = Math.min(linkBytesPerSecondMax, Math.max(linkBytesPerSecondMin, wanted));
    this.transferTimeoutMs = stepTimeoutMs + transferTimeoutFactor * (source.fileBytes / this.bytesPerSecond) * 1000;
  }

  /** `made` hears of the folder before anything is in it: it has to go, whatever happens. */
  static async open(source: SourceFile, made: (folder: string) => void): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-demo-"));
    made(folder);
    mkdirSync(join(folder, "received"));
    const keys = [await createIdentityKeys(), await createIdentityKeys()] as const;
    const stage = new Stage(source, folder, keys);
    const sender = { storePath: join(folder, "sender"), identity: keys[0], group: stage.#group, dialUrl: undefined };
    stage.#sender = await Peer.start("sender", sender);
    stage.#relay = await Relay.listen(stage.#sender.port, stage.bytesPerSecond);
    await stage.startReceiver();
    return stage;
  }

  get sender(): Peer {
    return there(this.#sender);
  }

  get receiver(): Peer {
    return there(this.#receiver);
  }

  get relay(): Relay {
    return there(this.#relay);
  }

  get receivedFolder(): string {
    return join(this.folder, "received");
  }

  /** The same device each time: its keys and its store are those of before. */
  async startReceiver(): Promise<void> {
    const storePath = join(this.folder, "receiver");
    const setup = { storePath, identity: this.#receiverKeys, group: this.#group, dialUrl: this.relay.url };
    this.#receiver = await Peer.start("receiver", setup);
  }

  /** Attaches the source once more: a new key, so a new id. Resolves when the receiver has heard of it. */
  async attach(): Promise<string> {
    const { path, name, fileBytes } = this.source;
    const fileId = await this.sender.callWithin(this.transferTimeoutMs, "attach", path, name, fileBytes);
    await this.receiver.call("awaitAttachment", fileId);
    return fileId;
  }

  /** Bytes of the receiver's file of slices; undefined when there is none. */
  sliceFileBytes(fileId: string): number | undefined {
    const path = join(this.folder, "receiver", "slices", fileId);
    return statSync(path, { throwIfNoEntry: false })?.size;
  }

  async close(): Promise<void> {
    await Promise.all([this.#receiver?.close(), this.#sender?.close()]);
    await this.#relay?.close();
  }
}

export function removeFolder(folder: string): void {
  // A process that was just killed may still be closing its files.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the stage is not set yet");
  return value;
}
