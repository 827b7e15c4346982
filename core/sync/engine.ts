/**
 * The protocol engine of one device in one group: no sockets, no clocks, no promises. The host (or the simulator) hands
 * in bytes, commands and the time, and polls for what is to be sent, flushed, told and when to come back.
 *
 *   handlePeerUp / handlePeerDown / handleBytes / handleTimeout / handleFlushed        in
 *   request, pause, resume, cancel, delete, addAttachment, setGroup                    in
 *   pollOutgoing / pollFlush / pollEvents / pollTimeout                                out
 *
 * Save, then send: whatever a message tells of is written before the message can be polled. Handling the same message
 * twice changes nothing.
 *
 * Why so long: it is the one face of what the parts do, each of its calls a few lines.
 */
import { done, type Result } from "../base/result.ts";
import type { Group, Identity } from "../base/identity.ts";
import type { EpochMs, EventId, FileId, PeerId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import { fileShape, sliceCountOf, windowOf } from "../base/sizes.ts";
import { FileSyncError } from "../errors.ts";
import { frameBytesMax, frameFillBytesMin, messageBytesMax, openRequestsMax } from "../limits.ts";
import type { EventLog } from "../log/event-log.ts";
import type { Event } from "../../events/index.ts";
import type { Context, EngineEvent, FlushTask } from "./context.ts";
import { Agenda } from "./agenda.ts";
import type { Download } from "./download.ts";
import { dropLeftovers, onDropRecorded } from "./drops.ts";
import { onFlushed } from "./finish.ts";
import { closeAll } from "./ingest.ts";
import { markDamaged } from "./damage.ts";
import { dispatch } from "./dispatch.ts";
import { greet, groupTagOf } from "./greeting.ts";
import { driveLogSync } from "./log-sync.ts";
import { Peer } from "./peer.ts";
import { progressOf, type Progress } from "./progress.ts";
import { schedule } from "./request.ts";
import { nextAnswer } from "./respond.ts";
import { handleDue, measuredTimeoutMs, nextTimeoutMs } from "./timeouts.ts";
import { deleteFile, onAttachmentKnown, onFilesGone } from "./attachments.ts";
import { guarded, storageFailed } from "./storage-failure.ts";
import { cancel, pause, request, resume, type RequestOptions } from "./want-control.ts";
import { Download as DownloadState } from "./download.ts";
import { restoreDownload } from "./restore.ts";

export interface EngineOptions {
  readonly log: EventLog;
  readonly identity: Identity;
  readonly group: Group;
  readonly random: Random;
}

export interface PeerLoad {
  /** Asked for and not answered. */
  readonly inFlightBytes: number;
  readonly requests: number;
  /** What it asked of us and has not been sent. */
  readonly answers: number;
  /** Short messages that wait for the connection. */
  readonly messages: number;
}

export class Engine {
  readonly #context: Context;
  readonly #events: EngineEvent[] = [];
  #groupTag: Uint8Array;
  /** When something was handed in after which there may be more to ask. */
  #changedAtMs: EpochMs | undefined;

  /** Takes up every want where the log left it. */
  constructor(options: EngineOptions, now: EpochMs) {
    this.#context = {
      ...options,
      downloads: new Map<FileId, Download>(),
      agenda: new Agenda(),
      peers: new Map<PeerId, Peer>(),
      farewells: new Map<PeerId, Uint8Array>(),
      flushTasks: [],
      drops: new Set<FileId>(),
      messageRoom: new Uint8Array(messageBytesMax),
      retryAtMs: undefined,
      emit: (event) => this.#events.push(event),
      record: (event, at) => this.#record(event, at),
      announce: (ids, except) => this.#announce(ids, except),
    };
    this.#groupTag = groupTagOf(options.group);
    for (const want of options.log.queries.wantsThatAre("active", "paused")) {
      const download = new DownloadState(want.fileId, want, this.#context.agenda);
      this.#context.downloads.set(want.fileId, download);
      restoreDownload(this.#context, download, now);
    }
    onFilesGone(this.#context, options.log.gone, now);
    dropLeftovers(this.#context);
  }

  get log(): EventLog {
    return this.#context.log;
  }

  // ---- Peers and bytes

  /** The transport proved who the other end is. False when that is no member: nothing is said to it. */
  handlePeerUp(peerId: PeerId, now: EpochMs): boolean {
    const context = this.#context;
    if (!context.group.members.has(peerId)) return false;
    this.handlePeerDown(peerId, now);
    const peer = new Peer(peerId);
    context.peers.set(peerId, peer);
    for (const download of context.downloads.values()) context.agenda.change(download);
    greet(peer, this.#groupTag);
    driveLogSync(context, peer, now);
    this.#afterChange(now);
    return true;
  }

  handlePeerDown(peerId: PeerId, now: EpochMs): void {
    this.#context.farewells.delete(peerId);
    const peer = this.#context.peers.get(peerId);
    if (peer === undefined) return;
    guarded(this.#context, now, () => closeAll(this.#context, peer, now));
    this.#context.peers.delete(peerId);
    this.#afterChange(now);
  }

  /** One message, from a peer that is up; what is kept of it is copied. Several of one frame may be handed in before anything is polled. */
  handleBytes(from: PeerId, bytes: Uint8Array, now: EpochMs): void {
    const peer = this.#context.peers.get(from);
    if (peer === undefined) return;
    guarded(this.#context, now, () => dispatch(this.#context, peer, bytes, this.#groupTag, now));
    this.#afterChange(now);
  }

  handleTimeout(now: EpochMs): void {
    handleDue(this.#context, now);
    this.#afterChange(now);
  }

  /** What pollFlush asked for is durable. */
  handleFlushed(task: FlushTask, now: EpochMs): void {
    guarded(this.#context, now, () => {
      if (task.kind === "drop") onDropRecorded(this.#context, task.fileId, now);
      else onFlushed(this.#context, task, now);
    });
    this.#afterChange(now);
  }

  /** What pollFlush asked for could not be made durable: the want fails, and can be requested again. */
  handleFlushFailed(task: FlushTask, error: FileSyncError, now: EpochMs): void {
    // Cancelled or deleted meanwhile: its files are gone, and nobody waits for them.
    if (this.#context.downloads.has(task.fileId)) storageFailed(this.#context, error, [task.fileId], now);
  }

  // ---- Commands. Recorded when they return; durable after the log's next flush.

  request(fileId: FileId, options: RequestOptions, now: EpochMs): Result<void> {
    return this.#command(now, () => request(this.#context, fileId, options, now));
  }

  pause(fileId: FileId, now: EpochMs): Result<void> {
    return this.#command(now, () => pause(this.#context, fileId, now));
  }

  resume(fileId: FileId, now: EpochMs): Result<void> {
    return this.#command(now, () => resume(this.#context, fileId, now));
  }

  cancel(fileId: FileId, keepSlices: boolean, now: EpochMs): Result<void> {
    return this.#command(now, () => cancel(this.#context, fileId, keepSlices, now));
  }

  /** For everyone, by the author. */
  delete(fileId: FileId, now: EpochMs): Result<void> {
    return this.#command(now, () => deleteFile(this.#context, fileId, now));
  }

  /** Records the events of an attachment whose slices are in place and durable. They are announced after the next flush. */
  addAttachment(events: readonly Event[], now: EpochMs): Result<void> {
    return this.#command(now, () => {
      for (const event of events) this.#record(event, now);
      return done;
    });
  }

  /** A slice that was read did not match its tag: it is fetched again. */
  reportDamage(fileId: FileId, slice: number, now: EpochMs): void {
    const fileBytes = this.#context.log.queries.descriptor(fileId)?.fileBytes;
    if (fileBytes === undefined) return;
    const shape = fileShape(sliceCountOf(fileBytes));
    guarded(this.#context, now, () => markDamaged(this.#context, fileId, windowOf(shape, slice), now));
    this.#afterChange(now);
  }

  /** Sends events of our own on, once they are durable. */
  announce(ids: readonly EventId[]): void {
    this.#announce(ids, undefined);
  }

  /** Who is no member any more is dropped; descriptors that new keys open become readable. */
  setGroup(group: Group, now: EpochMs): void {
    const context = this.#context;
    context.group = group;
    this.#groupTag = groupTagOf(group);
    for (const peerId of [...context.peers.keys()]) {
      if (group.members.has(peerId)) continue;
      this.handlePeerDown(peerId, now);
      context.emit({ kind: "peer_dropped", peer: peerId, code: "not_member" });
    }
    const { readable, gone } = context.log.setGroupKeys(group.keys);
    onFilesGone(context, gone, now);
    for (const fileId of readable) onAttachmentKnown(context, fileId);
    this.#afterChange(now);
  }

  // ---- Polls

  /**
   * The next message for a peer; undefined when there is none now. Ask again after anything was handled. It is good until
   * the next call: whoever keeps it copies it.
   */
  pollOutgoing(peerId: PeerId, now: EpochMs): Uint8Array | undefined {
    const peer = this.#context.peers.get(peerId);
    if (peer === undefined) return this.#farewell(peerId);
    this.#askWhatIsDue();
    let message = peer.outbox.shift();
    // An answer that the storage would not give is left out; the asker asks again, here or elsewhere.
    if (message === undefined)
      guarded(
        this.#context,
        now,
        () => (message = nextAnswer(this.#context, peer, now)),
        () => peer.answers.shift(),
      );
    return message;
  }

  /** How long a frame to a peer may be: as it has asked, within what frames can be. */
  frameBytesFor(peerId: PeerId): number {
    const next = this.#context.peers.get(peerId)?.answers[0];
    const asked = next?.kind === "windows" ? next.frameBytes : 0;
    return Math.min(frameBytesMax, Math.max(frameFillBytesMin, asked));
  }

  pollFlush(): FlushTask | undefined {
    return this.#context.flushTasks.shift();
  }

  pollEvents(): EngineEvent | undefined {
    return this.#events.shift();
  }

  /** When handleTimeout wants to be called; undefined: not before something else happens. */
  pollTimeout(): EpochMs | undefined {
    this.#askWhatIsDue();
    return nextTimeoutMs(this.#context);
  }

  /** After a look at every download, which pollTimeout does without: it is never later than this. */
  measureTimeout(): number {
    return measuredTimeoutMs(this.#context);
  }

  /** What can be said of a file now; undefined when nothing is known of it. */
  progress(fileId: FileId, now: EpochMs): Progress | undefined {
    this.#askWhatIsDue();
    return progressOf(this.#context, fileId, now);
  }

  get peerIds(): PeerId[] {
    return [...this.#context.peers.keys()];
  }

  /** What a connected peer takes up here; undefined when it is not connected. Each number has its bound (G-10). */
  loadOf(peerId: PeerId): PeerLoad | undefined {
    const peer = this.#context.peers.get(peerId);
    if (peer === undefined) return undefined;
    this.#askWhatIsDue();
    const { flight, requests, answers, outbox } = peer;
    return {
      inFlightBytes: flight.inFlightBytes,
      requests: requests.size,
      answers: answers.length,
      messages: outbox.length,
    };
  }

  // ---- Inside

  #command(now: EpochMs, command: () => Result<void>): Result<void> {
    try {
      return command();
    } catch (thrown) {
      if (thrown instanceof FileSyncError) return { ok: false, error: thrown };
      throw thrown;
    } finally {
      this.#afterChange(now);
    }
  }

  #record(event: Event, now: EpochMs): void {
    const { gone } = this.#context.log.append(event, now);
    onFilesGone(this.#context, gone, now);
    onAttachmentKnown(this.#context, event);
  }

  #farewell(peerId: PeerId): Uint8Array | undefined {
    const farewell = this.#context.farewells.get(peerId);
    this.#context.farewells.delete(peerId);
    return farewell;
  }

  #announce(ids: readonly EventId[], except: PeerId | undefined): void {
    for (const peer of this.#context.peers.values()) {
      // Who does not take what there is hears of it when the logs are compared.
      if (peer.id === except || peer.answers.length >= openRequestsMax) continue;
      peer.answers.push({ kind: "events", asked: undefined, ids, held: 0, sent: 0 });
    }
  }

  #afterChange(now: EpochMs): void {
    this.#changedAtMs = now;
  }

  /** Once for all that was handed in before it: a frame has many messages. */
  #askWhatIsDue(): void {
    const now = this.#changedAtMs;
    this.#changedAtMs = undefined;
    if (now !== undefined) schedule(this.#context, now);
  }
}
