/**
 * Several messages in one frame, one encryption: each behind its length as u32, big-endian. A message is never empty, so
 * where a length would be zero, or does not fit any more, there is only padding: fewer than `framePadMultiple` zeros.
 */
import { fail, ok, type Result } from "../base/result.ts";
import {
  frameBytesMax,
  frameMessagesMax,
  framePadMultiple,
  nativeFrameBytesMin,
  streamOverheadBytes,
} from "../limits.ts";

const lengthBytes = 4;
/** So that a full frame can still be padded. */
const roomFor = (frameBytes: number): number => {
  const plainBytes = frameBytes - streamOverheadBytes;
  return plainBytes - (plainBytes % framePadMultiple);
};

/** Collects messages until the next would not fit. One serves all connections: what is added is taken in the same call. */
export class FramePacker {
  readonly #bytes = new Uint8Array(roomFor(frameBytesMax));
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #messages = 0;

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** False when it does not fit a frame of that length any more. */
  add(message: Uint8Array, frameBytes: number): boolean {
    const end = this.#used + lengthBytes + message.length;
    if (end > roomFor(frameBytes) || this.#messages === frameMessagesMax) return false;
    this.#view.setUint32(this.#used, message.length);
    this.#bytes.set(message, this.#used + lengthBytes);
    this.#used = end;
    this.#messages++;
    return true;
  }

  /** What a call that ended badly left here was for another peer. */
  clear(): void {
    this.#used = 0;
    this.#messages = 0;
  }

  /** A view that is good until the next message is added. */
  take(): Uint8Array {
    const end = this.#used < nativeFrameBytesMin ? this.#used : roundUp(this.#used);
    this.#bytes.fill(0, this.#used, end);
    this.clear();
    return this.#bytes.subarray(0, end);
  }
}

const roundUp = (bytes: number): number => Math.ceil(bytes / framePadMultiple) * framePadMultiple;

/** Views into the frame. */
export function unpackFrame(plain: Uint8Array): Result<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  let at = 0;
  while (at + lengthBytes <= plain.length) {
    const length = view.getUint32(at);
    if (length === 0) break;
    const end = at + lengthBytes + length;
    if (end > plain.length) return fail("message_malformed", { detail: "a frame ends within a message" });
    if (messages.length === frameMessagesMax)
      return fail("message_malformed", { detail: `a frame holds more than ${frameMessagesMax} messages` });
    messages.push(plain.subarray(at + lengthBytes, end));
    at = end;
  }
  const rest = plain.subarray(at);
  if (rest.length >= framePadMultiple || rest.some((byte) => byte !== 0))
    return fail("message_malformed", { detail: "a frame ends within a length" });
  return ok(messages);
}
