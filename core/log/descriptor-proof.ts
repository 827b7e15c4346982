/** Of a file with one window or none the descriptor says all that proves it: nothing more is kept beside its slices. */
import type { FileId } from "../base/ids.ts";
import { fileShape, sliceCountOf } from "../base/sizes.ts";
import { keyCommitmentOf } from "../../events/index.ts";
import type { AttachmentRow } from "../../schema/index.ts";
import type { EventLog } from "./event-log.ts";
import { checkProof, type FileProof } from "./slice-store.ts";

/** What proves the windows of a file that is at rest here. */
export function proofAtRest(log: EventLog, fileId: FileId): FileProof | undefined {
  return log.slices.proof(fileId, () => {
    const descriptor = log.descriptor(fileId);
    return descriptor === undefined ? undefined : descriptorProof(descriptor);
  });
}

export function descriptorProof({ fileId, ...row }: AttachmentRow): FileProof | undefined {
  const { fileBytes, noncePrefix, fileKey, rootHash } = row;
  if (!isProvedByDescriptor(fileBytes)) return undefined;
  const leaves = fileBytes === 0 ? new Uint8Array(0) : rootHash;
  return checkProof(fileId, { fileBytes, noncePrefix, keyCommitment: keyCommitmentOf(fileKey), leaves });
}

export const isProvedByDescriptor = (fileBytes: number): boolean =>
  fileShape(sliceCountOf(fileBytes)).windowsInUse <= 1;
