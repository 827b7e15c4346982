/**
 * Memory of what a socket read, given back once `ws` has taken it apart. Node makes a buffer of up to 64 KiB for each
 * read. They count as the heap's: left to the collector they make it look through everything every 8 MB.
 *
 * `ws` does not say when it is done with a read, so the headers of frames are read here along with it: what lies before
 * the end of the last whole message is spent. A read with a ping in it is left to the collector: its answer may still be
 * waiting to leave, as a part of the read.
 */
import type { Duplex } from "node:stream";
import { Socket } from "node:net";
import { releaseBytes } from "../base/bytes.ts";
import { releaseBytesMin, unspentReadsMax } from "../limits.ts";

interface Read {
  readonly bytes: Uint8Array;
  /** Where it ends, of all that was read: its own length is gone when a frame that was all of it is given back. */
  readonly end: number;
}

const pingOpcode = 9;
const firstControlOpcode = 8;

export class SpentReads {
  #reads: Read[] = [];
  #end = 0;
  /** The end of the last frame behind which no message is unfinished. */
  #spent = 0;
  #isShared = false;

  // The frame that is coming.
  readonly #header = new Uint8Array(14);
  #headerBytes = 0;
  #payloadLeft = 0;
  #isUnfinished = false;

  /** In the turn in which `ws` begins to listen to the socket. */
  watch(socket: Duplex): void {
    // Of other streams nobody knows whose buffers they hand on; and what somebody else is given he may keep.
    if (!(socket instanceof Socket) || socket.listenerCount("data") !== 1 || socket.listenerCount("readable") > 0)
      return;
    // Before `ws`, while each read is still there; and behind it, when it has taken what it takes.
    socket.prependListener("data", (read: Uint8Array) => this.#came(read));
    socket.on("data", () => {
      // Once `ws` listens no more the rest is not its to take.
      if (socket.listenerCount("data") !== 3) this.#share();
      this.#release();
    });
    socket.on("newListener", (event) => {
      if (event === "data" || event === "readable") this.#share();
    });
  }

  #share(): void {
    this.#isShared = true;
    this.#reads = [];
  }

  #came(read: Uint8Array): void {
    if (this.#isShared) return;
    const isPinged = this.#walk(read);
    this.#end += read.length;
    if (isPinged || read.length < releaseBytesMin) return;
    if (this.#reads.length === unspentReadsMax) this.#reads.shift();
    this.#reads.push({ bytes: read, end: this.#end });
  }

  #release(): void {
    for (let oldest = this.#reads[0]; oldest !== undefined && oldest.end <= this.#spent; oldest = this.#reads[0]) {
      this.#reads.shift();
      releaseBytes(oldest.bytes);
    }
  }

  /** From header to header; true when a ping ended on the way. */
  #walk(read: Uint8Array): boolean {
    let isPinged = false;
    for (let at = 0; at < read.length; ) {
      if (this.#payloadLeft === 0) {
        this.#header[this.#headerBytes++] = read[at++] as number;
        if (this.#headerBytes < headerBytes(this.#header, this.#headerBytes)) continue;
        this.#payloadLeft = payloadBytes(this.#header);
      }
      const taken = Math.min(this.#payloadLeft, read.length - at);
      at += taken;
      this.#payloadLeft -= taken;
      if (this.#payloadLeft > 0) continue;
      this.#headerBytes = 0;
      const first = this.#header[0] as number;
      const opcode = first & 15;
      if (opcode === pingOpcode) isPinged = true;
      if (opcode < firstControlOpcode) this.#isUnfinished = first < 128;
      if (!this.#isUnfinished) this.#spent = this.#end + at;
    }
    return isPinged;
  }
}

/** RFC 6455, section 5.2: the first two bytes, then the length, then the client's mask. */
function headerBytes(header: Uint8Array, known: number): number {
  if (known < 2) return 2;
  const second = header[1] as number;
  const length = second & 127;
  return 2 + (length < 126 ? 0 : length === 126 ? 2 : 8) + (second > 127 ? 4 : 0);
}

function payloadBytes(header: Uint8Array): number {
  const length = (header[1] as number) & 127;
  if (length < 126) return length;
  let bytes = 0;
  for (let i = 2; i < (length === 126 ? 4 : 10); i++) bytes = 256 * bytes + (header[i] as number);
  return bytes;
}
