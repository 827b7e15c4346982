/**
 * A list of leaves as it comes, in parts, from one peer: nothing of it counts until all of it leads to the file id. The
 * buffer is as long as the announced length makes it, which is 128 KiB at most.
 */
import type { PeerId } from "../base/ids.ts";
import { bytesEqual } from "../base/bytes.ts";
import { fileShape, sliceCountOf } from "../base/sizes.ts";
import { SliceSet } from "../base/slice-set.ts";
import { hashBytes, leavesBatchMax, sliceCountMax } from "../limits.ts";
import type { MessageOf } from "./messages.ts";

export class LeavesInParts {
  readonly from: PeerId;
  readonly fileBytes: number;
  readonly noncePrefix: Uint8Array;
  readonly keyCommitment: Uint8Array;
  readonly leaves: Uint8Array;
  readonly #got: SliceSet;

  private constructor(from: PeerId, part: MessageOf<"file_leaves">, count: number) {
    this.from = from;
    this.fileBytes = part.fileBytes;
    this.noncePrefix = part.noncePrefix.slice();
    this.keyCommitment = part.keyCommitment.slice();
    this.leaves = new Uint8Array(count * hashBytes);
    this.#got = new SliceSet(count);
  }

  /** Undefined when the part cannot belong to any file. */
  static begin(from: PeerId, part: MessageOf<"file_leaves">): LeavesInParts | undefined {
    const sliceCount = sliceCountOf(part.fileBytes);
    return sliceCount > sliceCountMax ? undefined : new LeavesInParts(from, part, fileShape(sliceCount).windowsInUse);
  }

  get isWhole(): boolean {
    return this.#got.isFull;
  }

  get firstMissing(): number {
    return this.#got.nextMissing();
  }

  /** How many leaves are new; undefined when the part does not fit what came before. */
  add(part: MessageOf<"file_leaves">): number | undefined {
    // A part is full or goes to the end: leaf by leaf a peer could keep the others from being asked for hours.
    const count = Math.min(leavesBatchMax, this.#got.length - part.first);
    if (part.leaves.length !== count * hashBytes) return undefined;
    if (part.fileBytes !== this.fileBytes) return undefined;
    if (!bytesEqual(part.noncePrefix, this.noncePrefix) || !bytesEqual(part.keyCommitment, this.keyCommitment))
      return undefined;
    this.leaves.set(part.leaves, part.first * hashBytes);
    return this.#got.addRange({ start: part.first, count });
  }
}
