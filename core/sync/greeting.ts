/** hello: which version, which group. Another version or group ends the connection; nothing else was said before it. */
import { bytesEqual, utf8Encode } from "../base/bytes.ts";
import type { Group } from "../base/identity.ts";
import { hash } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { refuse, type Context } from "./context.ts";
import { encodeMessage, protocolVersion, type MessageOf } from "./messages.ts";
import type { Peer } from "./peer.ts";

/** A device can be in several groups with the same peer; the app's name for the group tells them apart. */
export const groupTagOf = (group: Group): Uint8Array => hash("focused-file-sync group 1", 16, utf8Encode(group.name));

export function greet(peer: Peer, groupTag: Uint8Array): void {
  peer.outbox.push(encodeMessage("hello", { version: protocolVersion, groupTag }));
}

export function onHello(context: Context, peer: Peer, message: MessageOf<"hello">, groupTag: Uint8Array): void {
  if (message.version !== protocolVersion) return drop(context, peer, "version_unknown");
  if (!bytesEqual(message.groupTag, groupTag)) drop(context, peer, "group_mismatch");
}

function drop(context: Context, peer: Peer, code: "version_unknown" | "group_mismatch"): void {
  refuse(context, peer, new FileSyncError(code), { name: "hello" });
  context.emit({ kind: "peer_dropped", peer: peer.id, code });
}
