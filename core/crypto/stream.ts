/**
 * Frames that cannot be altered, dropped, reordered or repeated unnoticed, one direction of a channel:
 * crypto_secretstream_xchacha20poly1305 (libsodium's documentation, "Encrypted streams"). Each frame chains to those
 * before it, and the last one is marked, so that a stream cut short is told from one that ended.
 *
 * A frame is one byte of encrypted tag, the ciphertext and a Poly1305 tag: 17 bytes over the plaintext.
 *
 * The state (key, nonce and counter, 52 bytes) is held here and moved into the heap for each call: that costs next to
 * nothing beside a frame, and a channel that is dropped without a word leaves nothing behind in the heap.
 *
 * libsodium's init_push draws the header itself and cannot be seeded. Given the header, the state that init_push makes
 * is the state that init_pull makes (a test holds that), so both ends begin with init_pull, and the header comes from
 * our own random source.
 */
import { assert } from "../base/assert.ts";
import { nonceBytes, streamOverheadBytes } from "../limits.ts";
import { nativeStreamFor } from "./native-stream.ts";
import { borrow, giveBack, nullPointer, sodium, streamStateBytes, wipe } from "./sodium.ts";

export const streamKeyBytes = 32;
/** The header is the XChaCha20 nonce of the stream: drawn at random, sent in the clear. */
export const streamHeaderBytes = nonceBytes;

/** TAG_MESSAGE and TAG_FINAL; the other two of libsodium's tags are not used, so not taken either. */
const tagMessage = 0;
const tagFinal = 3;

/** The state, and what comes before the plaintext in the heap: the state and a place for the tag, aligned. */
const headBytes = 64;

export interface PulledFrame {
  readonly plain: Uint8Array;
  /** Nothing comes after it. */
  readonly final: boolean;
}

/** The sending end. */
export class PushStream {
  readonly #state: Uint8Array;
  #isOver = false;

  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = initialState(key, header);
  }

  push(plain: Uint8Array, final = false): Uint8Array {
    assert(!this.#isOver, "nothing is sent after the final frame");
    const plainBytes = plain.length;
    const native = final ? undefined : nativeStreamFor(this.#state, plainBytes);
    if (native !== undefined) return native.seal(this.#state, plain);
    const frameBytes = plainBytes + streamOverheadBytes;

    const raw = sodium();
    const pointer = borrow(headBytes + plainBytes + frameBytes);
    const plainAt = pointer + headBytes;
    const frameAt = plainAt + plainBytes;
    const heap = raw.HEAPU8;
    heap.set(this.#state, pointer);
    heap.set(plain, plainAt);
    const failed = raw._crypto_secretstream_xchacha20poly1305_push(
      pointer,
      frameAt,
      nullPointer,
      plainAt,
      plainBytes,
      0,
      nullPointer,
      0,
      0,
      final ? tagFinal : tagMessage,
    );
    assert(failed === 0, "sealing a frame cannot fail");
    const frame = heap.slice(frameAt, frameAt + frameBytes);
    this.#state.set(heap.subarray(pointer, pointer + streamStateBytes));
    giveBack(pointer, headBytes);
    if (final) this.wipe();
    return frame;
  }

  /** Over: the key is gone. */
  wipe(): void {
    this.#isOver = true;
    wipe(this.#state);
  }
}

/** The receiving end. */
export class PullStream {
  readonly #state: Uint8Array;
  #isOver = false;

  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = initialState(key, header);
  }

  /** Undefined when the frame is not the next one; nothing more is taken after that, nor after the final frame. */
  pull(frame: Uint8Array): PulledFrame | undefined {
    if (this.#isOver) return undefined;
    const plainBytes = frame.length - streamOverheadBytes;
    const pulled = plainBytes < 0 ? undefined : this.#pullWhole(frame, plainBytes);
    if (pulled === undefined || pulled.final) this.wipe();
    return pulled;
  }

  #pullWhole(frame: Uint8Array, plainBytes: number): PulledFrame | undefined {
    const native = nativeStreamFor(this.#state, plainBytes);
    if (native !== undefined) {
      const opened = native.open(this.#state, frame);
      const isTaken = opened?.tag === tagMessage || opened?.tag === tagFinal;
      return isTaken ? { plain: opened.plain, final: opened.tag === tagFinal } : undefined;
    }
    const raw = sodium();
    const pointer = borrow(headBytes + plainBytes + frame.length);
    const tagAt = pointer + streamStateBytes;
    const plainAt = pointer + headBytes;
    const frameAt = plainAt + plainBytes;
    const heap = raw.HEAPU8;
    heap.set(this.#state, pointer);
    heap.set(frame, frameAt);
    const failed = raw._crypto_secretstream_xchacha20poly1305_pull(
      pointer,
      plainAt,
      nullPointer,
      tagAt,
      frameAt,
      frame.length,
      0,
      nullPointer,
      0,
      0,
    );
    const tag = heap[tagAt];
    const isTaken = failed === 0 && (tag === tagMessage || tag === tagFinal);
    const plain = isTaken ? heap.slice(plainAt, plainAt + plainBytes) : undefined;
    this.#state.set(heap.subarray(pointer, pointer + streamStateBytes));
    giveBack(pointer, headBytes);
    return plain === undefined ? undefined : { plain, final: tag === tagFinal };
  }

  /** Over: the key is gone. */
  wipe(): void {
    this.#isOver = true;
    wipe(this.#state);
  }
}

function initialState(key: Uint8Array, header: Uint8Array): Uint8Array {
  assert(key.length === streamKeyBytes, "a stream key is 32 bytes");
  assert(header.length === streamHeaderBytes, "a stream header is 24 bytes");
  const raw = sodium();
  const total = streamStateBytes + streamKeyBytes + streamHeaderBytes;
  const pointer = borrow(total);
  const keyAt = pointer + streamStateBytes;
  raw.HEAPU8.set(key, keyAt);
  raw.HEAPU8.set(header, keyAt + streamKeyBytes);
  const failed = raw._crypto_secretstream_xchacha20poly1305_init_pull(pointer, keyAt + streamKeyBytes, keyAt);
  assert(failed === 0, "beginning a stream cannot fail");
  const state = raw.HEAPU8.slice(pointer, pointer + streamStateBytes);
  giveBack(pointer, total);
  return state;
}
