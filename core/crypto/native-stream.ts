/**
 * Frames of crypto_secretstream by the runtime's own ChaCha20-Poly1305, where it has one (Node; not browsers, nor
 * Electron's BoringSSL): three to four times as fast as libsodium in WebAssembly, to the bit the same.
 *
 * Given its state (key, and a nonce of counter and 8 bytes), a frame of secretstream is the AEAD of RFC 8439, section
 * 2.8, without associated data, over a block of 64 bytes (the tag, then zeros) followed by the plaintext; of the
 * block's ciphertext only the first byte is sent. Two things differ: libsodium pads the ciphertext to blocks of 16 by
 * `length mod 16` zeros instead of `-length mod 16`, which is the same for multiples of 8 only, so other lengths are
 * left to libsodium; and so are the frames that change the key (the final one, and the one before the counter wraps).
 *
 * What the runtime computes is compared with libsodium before it is used at all.
 */
import { bytesEqual, releaseBytes } from "../base/bytes.ts";
import { nativeFrameBytesMin, streamOverheadBytes, tagBytes } from "../limits.ts";
import { borrow, giveBack, nullPointer, sodium, type RawSodium } from "./sodium.ts";

/** libsodium's crypto_secretstream_xchacha20poly1305_state: key, counter (u32, little-endian), nonce, padding. */
const keyEnd = 32;
const inonceAt = 36;
const nonceEnd = 44;
/** The block before the plaintext, which carries the tag. */
const blockBytes = 64;
/** A length that both paddings agree on. */
const exactMultiple = 8;

export interface OpenedFrame {
  readonly plain: Uint8Array;
  readonly tag: number;
}

/** Both move the state on, as libsodium does. */
export interface NativeStream {
  /** A whole frame of tag 0. */
  seal(state: Uint8Array, plain: Uint8Array): Uint8Array;
  /** Undefined, and the state as it was, when the frame is not the next one. */
  open(state: Uint8Array, frame: Uint8Array): OpenedFrame | undefined;
}

let native: NativeStream | undefined;

/** The runtime's, for a frame of that many bytes of plaintext; undefined when libsodium is to do it. */
export function nativeStreamFor(state: Uint8Array, plainBytes: number): NativeStream | undefined {
  if (native === undefined || plainBytes < nativeFrameBytesMin || plainBytes % exactMultiple !== 0) return undefined;
  return isLastOfKey(state) ? undefined : native;
}

/** Finds out what the runtime can do; called once libsodium is ready. */
export function prepareNativeStream(): void {
  const found = runtimeStream();
  native = found !== undefined && agreesWithLibsodium(found) ? found : undefined;
}

/** For tests: what there is without the runtime's. */
export function withoutNativeStream<T>(use: () => T): T {
  const kept = native;
  native = undefined;
  try {
    return use();
  } finally {
    native = kept;
  }
}

export const hasNativeStream = (): boolean => native !== undefined;

/** With the next step the counter wraps and libsodium changes the key. */
const isLastOfKey = (state: Uint8Array): boolean =>
  state[keyEnd] === 0xff && state[keyEnd + 1] === 0xff && state[keyEnd + 2] === 0xff && state[keyEnd + 3] === 0xff;

/** As libsodium does behind each frame: the nonce takes in the frame's tag, the counter goes up. */
function moveOn(state: Uint8Array, tag: Uint8Array): void {
  for (let i = inonceAt; i < nonceEnd; i++) state[i] = (state[i] as number) ^ (tag[i - inonceAt] as number);
  for (let i = keyEnd; i < inonceAt; i++) {
    state[i] = ((state[i] as number) + 1) & 0xff;
    if (state[i] !== 0) return;
  }
}

function runtimeStream(): NativeStream | undefined {
  const runtime = (globalThis as { process?: { getBuiltinModule?: typeof process.getBuiltinModule } }).process;
  const crypto = runtime?.getBuiltinModule?.("node:crypto");
  const buffer = runtime?.getBuiltinModule?.("node:buffer");
  if (crypto === undefined || buffer === undefined) return undefined;
  const algorithm = "chacha20-poly1305";
  const options = { authTagLength: tagBytes };
  const block = new Uint8Array(blockBytes);

  return {
    seal(state, plain) {
      const key = state.subarray(0, keyEnd);
      const cipher = crypto.createCipheriv(algorithm, key, state.subarray(keyEnd, nonceEnd), options);
      // Not from a pool: the frame is handed over, and would keep the pool alive.
      const pooled = buffer.Buffer.allocUnsafeSlow(plain.length + streamOverheadBytes);
      const frame = new Uint8Array(pooled.buffer, pooled.byteOffset, pooled.length);
      frame[0] = cipher.update(block)[0] as number;
      const sealed = cipher.update(plain);
      frame.set(sealed, 1);
      releaseBytes(sealed);
      cipher.final();
      const tag = cipher.getAuthTag();
      frame.set(tag, 1 + plain.length);
      moveOn(state, tag);
      return frame;
    },
    open(state, frame) {
      const key = state.subarray(0, keyEnd);
      const nonce = state.subarray(keyEnd, nonceEnd);
      const head = blockKeyStream(key, nonce);
      const tag = (frame[0] as number) ^ (head[0] as number);
      head[0] = frame[0] as number;
      const authTag = frame.subarray(frame.length - tagBytes);
      const decipher = crypto.createDecipheriv(algorithm, key, nonce, options);
      decipher.setAuthTag(authTag);
      decipher.update(head);
      const plain = decipher.update(frame.subarray(1, frame.length - tagBytes));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      moveOn(state, authTag);
      return { plain: new Uint8Array(plain.buffer, plain.byteOffset, plain.length), tag };
    },
  };
}

/** What the block is enciphered with: the AEAD's ciphertext of 64 zeros. */
function blockKeyStream(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const raw = sodium();
  const keyAt = borrow(secretBytes + blockBytes + blockBytes + tagBytes);
  const plainAt = keyAt + secretBytes;
  const sealedAt = plainAt + blockBytes;
  const heap = raw.HEAPU8;
  heap.set(key, keyAt);
  heap.set(nonce, keyAt + keyEnd);
  heap.fill(0, plainAt, sealedAt);
  sealBlock(raw, sealedAt, plainAt, keyAt);
  const stream = heap.slice(sealedAt, sealedAt + blockBytes);
  giveBack(keyAt, secretBytes + 2 * blockBytes);
  return stream;
}

/** Key and nonce, rounded up. */
const secretBytes = 64;

function sealBlock(raw: RawSodium, sealedAt: number, plainAt: number, keyAt: number): void {
  raw._crypto_aead_chacha20poly1305_ietf_encrypt(
    sealedAt,
    nullPointer,
    plainAt,
    blockBytes,
    0,
    nullPointer,
    0,
    0,
    nullPointer,
    keyAt + keyEnd,
    keyAt,
  );
}

/** One frame each way: a runtime whose cipher differs in anything is not used. */
function agreesWithLibsodium(candidate: NativeStream): boolean {
  const state = new Uint8Array(52).map((_, i) => (7 * i + 1) & 0xff);
  const plain = new Uint8Array(72).map((_, i) => i);
  const expected = sealByLibsodium(state, plain);
  const [sealing, opening] = [state.slice(), state.slice()];
  try {
    const sealed = candidate.seal(sealing, plain);
    const opened = candidate.open(opening, expected.frame);
    return (
      bytesEqual(sealed, expected.frame) &&
      bytesEqual(sealing, expected.state) &&
      opened !== undefined &&
      opened.tag === 0 &&
      bytesEqual(opened.plain, plain) &&
      bytesEqual(opening, expected.state)
    );
  } catch {
    return false;
  }
}

function sealByLibsodium(state: Uint8Array, plain: Uint8Array): { frame: Uint8Array; state: Uint8Array } {
  const raw = sodium();
  const frameBytes = plain.length + streamOverheadBytes;
  const stateAt = borrow(secretBytes + plain.length + frameBytes);
  const plainAt = stateAt + secretBytes;
  const frameAt = plainAt + plain.length;
  const heap = raw.HEAPU8;
  heap.set(state, stateAt);
  heap.set(plain, plainAt);
  const at = [frameAt, nullPointer, plainAt, plain.length, 0, nullPointer, 0, 0, 0] as const;
  raw._crypto_secretstream_xchacha20poly1305_push(stateAt, ...at);
  const sealed = { frame: heap.slice(frameAt, frameAt + frameBytes), state: heap.slice(stateAt, stateAt + 52) };
  giveBack(stateAt, secretBytes);
  return sealed;
}
