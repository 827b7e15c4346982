/**
 * Memory of what a socket read, given back once `ws` has taken it apart. Node makes a buffer of up to 64 KiB for each
 * read. They count as the heap's: left to the collector they make it look through everything every 8 MB.
 *
 * `ws` does not say when it is done with a read, so it is worked out from the frames that came of them: what lies before
 * the end of the last frame is spent. Pieces of a message that is not whole yet are not counted, so that this is always
 * less than `ws` has taken, never more. Reads with a ping in them are left to the collector: its answer may still be
 * waiting to leave, as a part of the read.
 */
import type { Duplex } from "node:stream";
import { Socket } from "node:net";
import { releaseBytes } from "../base/bytes.ts";
import { unspentBytesMax } from "../limits.ts";

/** RFC 6455, section 5.2: the first two bytes, then the length in as few as hold it, then the client's mask. */
const maskBytes = 4;
function frameBytes(payloadBytes: number, isMasked: boolean): number {
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  return 2 + lengthBytes + (isMasked ? maskBytes : 0) + payloadBytes;
}

export class SpentReads {
  readonly #isMasked: boolean;
  /** What was read and is not known to be spent, in order. */
  readonly #reads: Uint8Array[] = [];
  /** Of all that was read: where the oldest of these begins, where the last ends, and how far frames are complete. */
  #oldestAt = 0;
  #end = 0;
  #spent = 0;
  #isPinged = false;

  /** `isMasked`: the frames that come are those of a client. */
  constructor(isMasked: boolean) {
    this.#isMasked = isMasked;
  }

  /** From when `ws` listens to the socket: each read must have gone through it before it comes here. */
  watch(socket: Duplex): void {
    // Of other streams nobody knows whose buffers they hand on.
    if (!(socket instanceof Socket)) return;
    socket.on("data", (read: Uint8Array) => {
      // Somebody else may keep what he was given; and once `ws` listens no more the rest is not its to take.
      if (socket.listenerCount("data") === 2) this.#took(read);
      else this.#reads.length = 0;
    });
  }

  /** The last frame of a message, or a ping or a pong, came to its end. */
  frameEnded(payloadBytes: number): void {
    this.#spent += frameBytes(payloadBytes, this.#isMasked);
  }

  pinged(): void {
    this.#isPinged = true;
  }

  #took(read: Uint8Array): void {
    this.#reads.push(read);
    this.#end += read.length;
    // Behind by that much, a peer sends in pieces, whose headers nobody counts.
    if (this.#isPinged || this.#end - this.#oldestAt > unspentBytesMax) this.#forget();
    this.#isPinged = false;
    for (;;) {
      const oldest = this.#reads[0];
      if (oldest === undefined || this.#oldestAt + oldest.length > this.#spent) return;
      this.#reads.shift();
      this.#oldestAt += oldest.length;
      releaseBytes(oldest);
    }
  }

  #forget(): void {
    this.#reads.length = 0;
    this.#oldestAt = this.#end;
  }
}
