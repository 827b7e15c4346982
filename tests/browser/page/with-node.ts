/** The page as one end of a WebSocket, a Node process as the other. Keys come from there, as an app would hand them out. */
import { webSocketTransport, type FileSync } from "../../../core/browser.ts";
import { attachmentOf, bytesOf, failureOf, openPeer, sha256 } from "./peer.ts";

export interface Invitation {
  readonly url: string;
  readonly publicKey: readonly number[];
  readonly secretKey: readonly number[];
  readonly groupName: string;
  readonly groupKey: readonly number[];
  readonly members: readonly string[];
}

function join({ url, publicKey, secretKey, groupName, groupKey, members }: Invitation): Promise<FileSync> {
  return openPeer({
    identity: { publicKey: Uint8Array.from(publicKey), secretKey: Uint8Array.from(secretKey) },
    group: { name: groupName, members, keys: [Uint8Array.from(groupKey)] },
    transport: webSocketTransport({ connect: url }),
  });
}

export async function fetchFromNode({ messageId, ...invitation }: Invitation & { readonly messageId: string }) {
  const sync = await join(invitation);
  const { fileId, name } = await attachmentOf(sync, messageId);
  await sync.request(fileId);
  await sync.whenComplete(fileId);
  const blob = await sync.blob(fileId);
  await sync.close();
  return { fileId, name, blobBytes: blob.size, hash: await sha256(blob) };
}

let open: FileSync | undefined;

/** Stays open, for the other end has to fetch it. */
export async function attachForNode({ messageId, ...invitation }: Invitation & { readonly messageId: string }) {
  open = await join(invitation);
  const bytes = bytesOf(5, 1 << 20);
  const { fileId } = await open.attach(new File([bytes], "from the page.bin"), {
    messageId,
    name: "from the page.bin",
    mediaType: "application/octet-stream",
  });
  return { fileId, hash: await sha256(bytes) };
}

export async function leave() {
  await open?.close();
  open = undefined;
}

/** What someone hears who has the group's key but is no member. */
export async function listenAsStranger({ messageId, ...invitation }: Invitation & { readonly messageId: string }) {
  const sync = await join(invitation);
  const heard = await failureOf(attachmentOf(sync, messageId, AbortSignal.timeout(1_500)));
  const attachmentCount = sync.attachments().length;
  await sync.close();
  return { heard, attachmentCount };
}
