/**
 * The public face. Every call either does what it says or fails with a FileSyncError whose `code` is stable; an aborted
 * signal rejects with its reason. Control calls act at once, and resolve when what they did is durable.
 */
import type { FileId, MessageId } from "../base/ids.ts";
import { epochMs } from "../base/ids.ts";
import type { Group } from "../base/identity.ts";
import { FileSyncError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Snapshots, Downloads } from "../host/snapshots.ts";
import type { Progress } from "../sync/progress.ts";
import type { RequestOptions } from "../sync/want-control.ts";
import type { AttachmentRow } from "../../schema/index.ts";
import { attach, type AttachContext } from "./attach.ts";
import { checkFileId, checkGroup, checkMessageId } from "./options.ts";
import { read, readable } from "./read.ts";
import type { Attachment, AttachmentSource, AttachOptions, GroupOptions, ReadOptions } from "./types.ts";
import { watch, whenComplete } from "./watch.ts";

export interface FileSyncParts extends Omit<AttachContext, "group" | "createdAtMs" | "closing"> {
  readonly host: Host;
  readonly snapshots: Snapshots;
  /** Makes the store durable and gives it back. */
  readonly closeStore: () => Promise<void>;
  readonly group: { current: Group };
}

/** An open store that takes part in its group; `openFileSync` makes it, `close` ends it. */
export class FileSync {
  readonly #parts: FileSyncParts;
  /** Each with what ends it: of one signal for all, Node would say that it leaks listeners. */
  readonly #attaching = new Map<Promise<unknown>, AbortController>();
  #attachedAtMs = 0;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** @internal Made by openFileSync. */
  constructor(parts: FileSyncParts) {
    this.#parts = parts;
  }

  /**
   * Seals a source and tells the group of it. Streams: a file of any size takes a few hundred KiB of memory.
   * Resolves when the attachment is durable here; members fetch it when they want it.
   *
   * Errors: argument_invalid, name_too_long, media_type_too_long, preview_too_long, source_failed, source_ended_early,
   * source_too_long, file_too_large, closed (while it ran), storage_…; nothing is left behind by any of them. What
   * `onProgress` throws ends it, too.
   */
  async attach(source: AttachmentSource, options: AttachOptions): Promise<Attachment> {
    this.#assertOpen();
    const abort = new AbortController();
    this.#attachedAtMs = Math.max(this.#parts.host.clock.nowMs(), this.#attachedAtMs + 1);
    const context = {
      ...this.#parts,
      group: () => this.#parts.group.current,
      createdAtMs: epochMs(this.#attachedAtMs),
      closing: abort.signal,
    };
    const attaching = attach(context, source, options);
    this.#attaching.set(attaching, abort);
    try {
      return await attaching;
    } finally {
      this.#attaching.delete(attaching);
    }
  }

  /**
   * Wants a file: it is fetched from whoever holds it, now or when such a peer comes. Of an active want it changes the
   * priority (1 to 10, 10 first) or the time to live (milliseconds; 0 = for ever). A paused, cancelled, failed or expired
   * one becomes active again. Of a complete one nothing happens.
   *
   * Errors: argument_invalid, file_deleted, storage_….
   */
  async request(fileId: string, options: RequestOptions = {}): Promise<void> {
    return this.#command(fileId, (id) => this.#parts.host.command((engine, now) => engine.request(id, options, now)));
  }

  /** Asks nobody for this file any more, from the moment of the call; what is in flight still arrives and is kept. A restart does not wake it. Errors: want_…. */
  async pause(fileId: string): Promise<void> {
    return this.#command(fileId, (id) => this.#parts.host.command((engine, now) => engine.pause(id, now)));
  }

  /** Goes on from what is held. Of an active want nothing happens. Errors: want_…. */
  async resume(fileId: string): Promise<void> {
    return this.#command(fileId, (id) => this.#parts.host.command((engine, now) => engine.resume(id, now)));
  }

  /** Gives the file up: its slices are dropped, unless `keepSlices`, and late ones refused. Errors: want_…. */
  async cancel(fileId: string, options: { readonly keepSlices?: boolean } = {}): Promise<void> {
    return this.#command(fileId, (id) =>
      this.#parts.host.command((engine, now) => engine.cancel(id, options.keepSlices ?? false, now)),
    );
  }

  /**
   * Takes an attachment of our own back: members drop it when they hear of it, here its key is shredded at once.
   * Errors: file_unknown, not_author.
   */
  async delete(fileId: string): Promise<void> {
    return this.#command(fileId, (id) => this.#parts.host.command((engine, now) => engine.delete(id, now)));
  }

  /** A snapshot; the same object until something changes. Undefined when nothing is known of the file. */
  progress(fileId: string): Progress | undefined {
    this.#assertOpen();
    return this.#parts.snapshots.get(checkFileId(fileId));
  }

  /** By file id: what is not complete, and what was asked about or changed since the start; the same map until something changes. */
  downloads(): Downloads {
    this.#assertOpen();
    return this.#parts.snapshots.all;
  }

  /** Called after something changed, at most 10 times a second for progress. Returns how to stop. May be passed on as it is. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#assertOpen();
    if (typeof listener !== "function") throw new FileSyncError("argument_invalid", { detail: "listener" });
    return this.#parts.snapshots.subscribe(listener);
  };

  /** Snapshots of one file as they change, beginning with the present one; ends when it is complete, failed, cancelled or expired, not at a pause. Throws `closed`. */
  watch(fileId: string, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Progress, void, void> {
    this.#assertOpen();
    return watch(this.#watchContext(), checkFileId(fileId), options.signal);
  }

  /** Resolves when every byte is here, verified and durable. Rejects with want_cancelled, want_expired, want_unknown or what made it fail. */
  async whenComplete(fileId: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#assertOpen();
    return whenComplete(this.#watchContext(), checkFileId(fileId), options.signal);
  }

  /**
   * The bytes, or those from `start` to before `end`. Each slice is checked as it is read; one that the disk changed
   * ends the stream with at_rest_damaged, and is fetched again.
   *
   * Errors, on the stream: file_unknown, not_complete, key_missing, file_deleted, range_invalid, at_rest_damaged.
   */
  read(fileId: string, options: ReadOptions = {}): ReadableStream<Uint8Array> {
    this.#assertOpen();
    return read(this.#readContext(), checkFileId(fileId), options);
  }

  /** All bytes as a Blob, with the media type that its author gave. In memory: for large files use `read`. */
  async blob(fileId: string, options: { readonly signal?: AbortSignal } = {}): Promise<Blob> {
    this.#assertOpen();
    const id = checkFileId(fileId);
    const { mediaType } = readable(this.#readContext(), id);
    const parts: BlobPart[] = [];
    const reader = read(this.#readContext(), id, options).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read())
      parts.push(next.value as Uint8Array<ArrayBuffer>);
    return new Blob(parts, { type: mediaType });
  }

  /** The attachments of a message, or all that are known, oldest first. */
  attachments(options: { readonly messageId?: string } = {}): Attachment[] {
    this.#assertOpen();
    // An id in its place would otherwise select every attachment.
    if (typeof options !== "object") throw new FileSyncError("argument_invalid", { detail: "{ messageId }" });
    const messageId: MessageId | undefined =
      options.messageId === undefined ? undefined : checkMessageId(options.messageId);
    return this.#parts.engine.log.queries.attachments(messageId).map(toAttachment);
  }

  /** Members and keys as the app has them now. Who is no member any more is disconnected; what new keys open becomes readable. */
  setGroup(group: GroupOptions): void {
    this.#assertOpen();
    const checked = checkGroup(group);
    this.#parts.group.current = checked;
    this.#parts.engine.setGroup(checked, this.#parts.host.clock.nowMs());
    this.#parts.host.pump();
  }

  /** Ends connections, makes everything durable and gives the store back. Later calls fail with `closed`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    for (const abort of this.#attaching.values()) abort.abort(new FileSyncError("closed"));
    await Promise.allSettled(this.#attaching.keys());
    try {
      await this.#parts.host.close();
    } finally {
      this.#parts.snapshots.close();
      await this.#parts.closeStore();
    }
  }

  async #command(fileId: string, run: (fileId: FileId) => Promise<void>): Promise<void> {
    this.#assertOpen();
    await run(checkFileId(fileId));
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new FileSyncError("closed");
  }

  #readContext(): Parameters<typeof read>[0] {
    return { engine: this.#parts.engine, host: this.#parts.host, isClosed: () => this.#isClosed };
  }

  #watchContext(): Parameters<typeof watch>[0] {
    return {
      snapshots: this.#parts.snapshots,
      flush: () => this.#parts.host.flushLog(),
      isClosed: () => this.#isClosed,
    };
  }
}

function toAttachment(row: AttachmentRow): Attachment {
  const { fileId, messageId, author, fileBytes, name, mediaType, width, height, preview } = row;
  const createdAtMs = epochMs(row.createdAtMs);
  return {
    fileId,
    messageId,
    author,
    createdAtMs,
    expiresAtMs: epochMs(row.expiresAtMs),
    fileBytes,
    name,
    mediaType,
    width,
    height,
    preview,
  };
}
