/**
 * Where the slices of an attachment are while nobody can know its file id: in a file of their own, or in memory when they
 * are few, which spares a file its first name, and the folder of names a change and a flush.
 */
import type { FileId } from "../base/ids.ts";
import { sealedBytesOf, sliceCountOf } from "../base/sizes.ts";
import type { SealerTarget } from "../file/sealer.ts";
import { attachInMemoryBytesMax } from "../limits.ts";
import { isProvedByDescriptor } from "../log/descriptor-proof.ts";
import type { FileProof, SliceStore } from "../log/slice-store.ts";

export interface AttachTarget extends SealerTarget {
  /** All slices are written and come to their place, with their proof; a flush of the file makes them durable. */
  moveTo(fileId: FileId, proof: FileProof): void;
  /** Nothing is left here. What was moved already is the caller's to remove. */
  giveUp(): void;
}

/** `place` names the file; no other attach has the same. */
export function attachTarget(slices: SliceStore, place: string, fileBytes: number | undefined): AttachTarget {
  return fileBytes !== undefined && fileBytes <= attachInMemoryBytesMax
    ? inMemory(slices, fileBytes)
    : inFile(slices, place);
}

function inMemory(slices: SliceStore, fileBytes: number): AttachTarget {
  const sealed = new Uint8Array(sealedBytesOf(sliceCountOf(fileBytes)));
  return {
    writeAt: (source, position) => sealed.set(source, position),
    readAt(target, position) {
      const there = sealed.subarray(position, position + target.length);
      target.set(there);
      return there.length;
    },
    moveTo(fileId, proof) {
      if (!isProvedByDescriptor(fileBytes)) slices.saveProof(fileId, proof);
      slices.write(fileId, 0, sealed);
    },
    giveUp: () => undefined,
  };
}

function inFile(slices: SliceStore, place: string): AttachTarget {
  const file = slices.createAttaching(place);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return {
    writeAt: (source, position) => file.writeAt(source, position),
    readAt: (target, position) => file.readAt(target, position),
    moveTo(fileId, proof) {
      close();
      slices.adoptAttaching(place, fileId, proof);
    },
    giveUp() {
      close();
      slices.removeAttaching(place);
    },
  };
}
