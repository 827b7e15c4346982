/** What of a file can be offered to others: only what is proved. */
import type { FileId } from "../base/ids.ts";
import { proofAtRest } from "../log/descriptor-proof.ts";
import type { FileProof } from "../log/slice-store.ts";
import type { Context } from "./context.ts";

/** What of a file can be vouched for. */
export interface ServedFile {
  readonly proof: FileProof;
  isProved(window: number): boolean;
}

export function servedFile(context: Context, fileId: FileId): ServedFile | undefined {
  const download = context.downloads.get(fileId);
  if (download !== undefined) {
    const { proof } = download;
    return proof === undefined ? undefined : { proof, isProved: (window) => download.proved.has(window) };
  }
  if (!context.log.isVerified(fileId)) return undefined;
  const proof = proofAtRest(context.log, fileId);
  return proof === undefined ? undefined : { proof, isProved: () => true };
}
