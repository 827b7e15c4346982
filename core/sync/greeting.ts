/** hello: which version, which group. Another version or group ends the connection; nothing else was said before it. */
import { bytesEqual, utf8Encode } from "../base/bytes.ts";
import type { EpochMs } from "../base/ids.ts";
import type { Group } from "../base/identity.ts";
import { hash } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { refusalOf, type Context } from "./context.ts";
import { closeAll } from "./ingest.ts";
import { encodeMessage, protocolVersion, type MessageOf } from "./messages.ts";
import type { Peer } from "./peer.ts";

/** A device can be in several groups with the same peer; the app's name for the group tells them apart. */
export const groupTagOf = (group: Group): Uint8Array => hash("focused-file-sync group 1", 16, utf8Encode(group.name));

export function greet(peer: Peer, groupTag: Uint8Array): void {
  peer.outbox.push(encodeMessage("hello", { version: protocolVersion, groupTag }));
}

export function onHello(
  context: Context,
  peer: Peer,
  message: MessageOf<"hello">,
  groupTag: Uint8Array,
  now: EpochMs,
): void {
  if (message.version !== protocolVersion) return refuseGroup(context, peer, "version_unknown", now);
  if (!bytesEqual(message.groupTag, groupTag)) refuseGroup(context, peer, "group_mismatch", now);
}

type Mismatch = "version_unknown" | "group_mismatch";

function refuseGroup(context: Context, peer: Peer, code: Mismatch, now: EpochMs): void {
  const error = new FileSyncError(code);
  context.emit({ kind: "refused", peer: peer.id, error });
  context.farewells.set(peer.id, refusalOf(error, { name: "hello" }));
  dropPeer(context, peer, code, now);
}

/** From now on the peer is as if it were not connected: whatever it asked before is not answered. */
export function dropPeer(context: Context, peer: Peer, code: Mismatch, now: EpochMs): void {
  context.peers.delete(peer.id);
  context.emit({ kind: "peer_dropped", peer: peer.id, code });
  closeAll(context, peer, now);
}
