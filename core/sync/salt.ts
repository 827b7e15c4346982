/** What salts a request's filter: who asks, for what, in which round. Both ends compute it. */
import { idToBytes, type FileId, type PeerId } from "../base/ids.ts";
import { hash } from "../crypto/index.ts";

function numbers(window: number, round: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, window);
  view.setUint32(4, round);
  return bytes;
}

export const fileFilterSalt = (asker: PeerId, fileId: FileId, window: number, round: number): Uint8Array =>
  hash("focused-file-sync filter 1", 16, idToBytes(asker), idToBytes(fileId), numbers(window, round));

export const logFilterSalt = (asker: PeerId, window: number, round: number): Uint8Array =>
  hash("focused-file-sync log filter 1", 16, idToBytes(asker), numbers(window, round));
