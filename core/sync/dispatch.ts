/** One message in: decoded, or refused by name; then to whom it concerns. */
import { assert } from "../base/assert.ts";
import type { EpochMs } from "../base/ids.ts";
import { FileSyncError } from "../errors.ts";
import { checkProof } from "../log/slice-store.ts";
import { refuse, type Context } from "./context.ts";
import { finishWhenWhole } from "./finish.ts";
import { dropPeer, onHello } from "./greeting.ts";
import { closeRequest, onReply, onSlices } from "./ingest.ts";
import { proveAtRest } from "./judge.ts";
import { LeavesInParts } from "./leaves.ts";
import { onEvents, onSync, onSyncReply } from "./log-sync.ts";
import {
  decodeMessage,
  refusalCode,
  type Message,
  type MessageName,
  type MessageOf,
  messageTypes,
} from "./messages.ts";
import type { Peer } from "./peer.ts";
import { onSyncFile, onSyncFileLeaves, onSyncFileStop } from "./respond.ts";

export function dispatch(context: Context, peer: Peer, bytes: Uint8Array, groupTag: Uint8Array, now: EpochMs): void {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return refuse(context, peer, decoded.error, { name: nameOfType(bytes[0]) });
  const message: Message = decoded.value;
  switch (message.name) {
    case "hello":
      return onHello(context, peer, message, groupTag, now);
    case "sync":
      return onSync(context, peer, message);
    case "events":
      return onEvents(context, peer, message, now);
    case "sync_reply":
      return onSyncReply(context, peer, message, now);
    case "sync_file":
      return onSyncFile(context, peer, message);
    case "sync_file_leaves":
      return onSyncFileLeaves(context, peer, message);
    case "file_leaves":
      return onFileLeaves(context, peer, message, now);
    case "slices":
      return onSlices(context, peer, message, now);
    case "sync_file_reply":
      return onReply(context, peer, message, now);
    case "sync_file_stop":
      return onSyncFileStop(peer, message);
    case "refused":
      return onRefused(context, peer, message, now);
    default:
      message satisfies never;
  }
}

/** For the refusal of what could not be decoded: what its first byte says it was. */
function nameOfType(type: number | undefined): MessageName {
  const known = Object.entries(messageTypes).find(([, each]) => each === type)?.[0] as MessageName | undefined;
  return known ?? "hello";
}

function onFileLeaves(context: Context, peer: Peer, message: MessageOf<"file_leaves">, now: EpochMs): void {
  const { fileId } = message;
  const about = { name: "file_leaves", fileId } as const;
  const download = context.downloads.get(fileId);
  if (download === undefined || download.leavesAsk?.peer !== peer.id) {
    return refuse(context, peer, new FileSyncError("not_wanted"), about);
  }
  if (download.proof !== undefined) return;
  if (download.leaves?.from !== peer.id) download.leaves = LeavesInParts.begin(peer.id, message);
  const added = download.leaves?.add(message);
  if (download.leaves === undefined || added === undefined) {
    download.leaves = undefined;
    download.liars.add(peer.id);
    return refuse(context, peer, new FileSyncError("leaves_mismatch"), about);
  }
  if (added > 0) download.leavesAsk = { peer: peer.id, deadlineMs: now + peer.flight.timeoutMs() };
  if (!download.leaves.isWhole) return;
  const proof = checkProof(fileId, download.leaves);
  if (proof === undefined || !download.agrees(proof)) {
    download.leaves = undefined;
    download.liars.add(peer.id);
    return refuse(context, peer, new FileSyncError("leaves_mismatch"), about);
  }
  download.learnProof(proof);
  context.log.slices.saveProof(fileId, proof);
  for (const window of [...download.partial.keys()]) proveAtRest(context, download, window, now);
  finishWhenWhole(context, download);
  assert(download.proof !== undefined, "the proof was learned");
  context.emit({ kind: "progressed", fileId });
}

function onRefused(context: Context, peer: Peer, message: MessageOf<"refused">, now: EpochMs): void {
  const { fileId, window, round } = message;
  const code = refusalCode(message.code);
  context.emit({ kind: "refused_by", peer: peer.id, code });
  if (code === "group_mismatch" || code === "version_unknown") {
    return dropPeer(context, peer, code, now);
  }
  const download = context.downloads.get(fileId);
  if (message.about === messageTypes.sync_file_leaves && download?.leavesAsk?.peer === peer.id) {
    peer.setLacksFile(fileId, now);
    download.leavesAsk = { peer: peer.id, deadlineMs: now };
    return;
  }
  const request = peer.request(fileId, window);
  if (message.about !== messageTypes.sync_file || request === undefined || request.round !== round) return;
  closeRequest(context, peer, request, now);
  if (code === "too_many_requests") peer.flight.lost(now);
  if (code === "not_held") return peer.setLacksFile(fileId, now);
  for (let each = window; each < window + request.windows; each++) peer.setLacksWindow(fileId, each, now);
}
