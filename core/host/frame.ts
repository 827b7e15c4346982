/** Several messages in one frame, one encryption: each behind its length as u32, big-endian. */
import { fail, ok, type Result } from "../base/result.ts";
import { framePlainBytesMax } from "../limits.ts";

const lengthBytes = 4;

/** Collects messages until the next would not fit. */
export class FramePacker {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** False when it does not fit any more. */
  add(message: Uint8Array): boolean {
    const bytes = this.#bytes + lengthBytes + message.length;
    if (bytes > framePlainBytesMax) return false;
    const length = new Uint8Array(lengthBytes);
    new DataView(length.buffer).setUint32(0, message.length);
    this.#parts.push(length, message);
    this.#bytes = bytes;
    return true;
  }

  take(): Uint8Array[] {
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return parts;
  }
}

/** Views into the frame. */
export function unpackFrame(plain: Uint8Array): Result<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  for (let at = 0; at < plain.length; ) {
    if (at + lengthBytes > plain.length) return fail("message_malformed", { detail: "a frame ends within a length" });
    const end = at + lengthBytes + view.getUint32(at);
    if (end > plain.length) return fail("message_malformed", { detail: "a frame ends within a message" });
    messages.push(plain.subarray(at + lengthBytes, end));
    at = end;
  }
  return ok(messages);
}
