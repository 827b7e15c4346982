/** What the parts of the engine share: the log, the downloads, the peers, and where news goes. */
import type { Group, Identity } from "../base/identity.ts";
import type { EpochMs, EventId, FileId, PeerId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import type { ErrorCode, FileSyncError } from "../errors.ts";
import { outboxMessagesMax, refusalsMax } from "../limits.ts";
import type { EventLog } from "../log/event-log.ts";
import type { Event } from "../../events/index.ts";
import type { Agenda } from "./agenda.ts";
import type { Download } from "./download.ts";
import { encodeMessage, messageTypes, refusalNumber, type MessageName } from "./messages.ts";
import type { Peer } from "./peer.ts";

/** News for the host, in the order in which it happened. */
export type EngineEvent =
  | { readonly kind: "want_changed"; readonly fileId: FileId }
  | { readonly kind: "progressed"; readonly fileId: FileId }
  | { readonly kind: "attachment_added"; readonly fileId: FileId }
  | { readonly kind: "attachment_gone"; readonly fileId: FileId }
  /** Something from a peer was refused. */
  | { readonly kind: "refused"; readonly peer: PeerId; readonly error: FileSyncError }
  /** A peer refused something of ours. */
  | { readonly kind: "refused_by"; readonly peer: PeerId; readonly code: ErrorCode }
  /** The connection to this peer is to be closed. */
  | { readonly kind: "peer_dropped"; readonly peer: PeerId; readonly code: ErrorCode }
  | { readonly kind: "storage_failed"; readonly error: FileSyncError };

/** Something that the host has to make durable before the engine goes on with it. */
export type FlushTask =
  | { readonly kind: "record"; readonly fileId: FileId; readonly windows: readonly number[] }
  | { readonly kind: "finish"; readonly fileId: FileId }
  /** The log is to be flushed, so that slices can be thrown away. */
  | { readonly kind: "drop"; readonly fileId: FileId };

export interface Context {
  readonly log: EventLog;
  readonly identity: Identity;
  readonly random: Random;
  readonly downloads: Map<FileId, Download>;
  readonly agenda: Agenda;
  readonly peers: Map<PeerId, Peer>;
  /** The last word to peers that were dropped and are still to be told why. */
  readonly farewells: Map<PeerId, Uint8Array>;
  readonly flushTasks: FlushTask[];
  /** Files whose slices go as soon as the record of it is durable. */
  readonly drops: Set<FileId>;
  /** Where messages of slices are made; what is handed out of it is good until the next one is made. */
  readonly messageRoom: Uint8Array;
  group: Group;
  /** Nothing that is due is tried before this: the storage would not take it. */
  retryAtMs: EpochMs | undefined;
  emit(event: EngineEvent): void;
  /** Records a local event or one of our own, and acts on what follows. */
  record(event: Event, now: EpochMs): void;
  /** Tells every peer but one of new events that may travel. */
  announce(ids: readonly EventId[], except: PeerId | undefined): void;
}

export interface About {
  readonly name: MessageName;
  readonly fileId?: FileId;
  readonly window?: number;
  readonly round?: number;
}

const noFile = "0".repeat(32) as FileId;

/** Notes that something from a peer was refused and tells it why. */
export function refuse(context: Context, peer: Peer, error: FileSyncError, about: About): void {
  context.emit({ kind: "refused", peer: peer.id, error });
  countRefusal(context, peer, error);
  // A refusal is never answered with a refusal, and who does not take what we say is not told more.
  if (about.name === "refused" || peer.outbox.length >= outboxMessagesMax) return;
  peer.outbox.push(refusalOf(error, about));
}

/** Late slices and retries are nobody's fault; a peer that sends nonsense all the time is dropped. */
function countRefusal(context: Context, peer: Peer, error: FileSyncError): void {
  if (error.retryable || error.code === "not_wanted" || error.code === "event_expired") return;
  peer.refusals++;
  if (peer.refusals === refusalsMax) context.emit({ kind: "peer_dropped", peer: peer.id, code: error.code });
}

export const refusalOf = (error: FileSyncError, about: About): Uint8Array =>
  encodeMessage("refused", {
    about: messageTypes[about.name],
    code: refusalNumber(error.code),
    fileId: about.fileId ?? noFile,
    window: about.window ?? 0,
    round: about.round ?? 0,
  });
