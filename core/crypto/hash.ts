/**
 * Hashes, keys derived from keys, and message authentication: BLAKE2b throughout (RFC 7693).
 *
 * What is hashed for one purpose must never pass for another: a leaf not for an inner node, a salt not for an id. The
 * purpose is the key of keyed BLAKE2b (RFC 7693, section 2.9), which fills the first block, so two purposes share no
 * input. Purposes ("domains") are literals in our code, `focused-file-sync <what> <version>`.
 */
import { assert } from "../base/assert.ts";
import { utf8Encode } from "../base/bytes.ts";
import { hashBytes, hashPassBytes } from "../limits.ts";
import { borrow, giveBack, hashStateBytes, sodium, wipe, type Pointer } from "./sodium.ts";

/** RFC 7693, section 2.1: a key has at most 64 bytes. libsodium wants at least 16. */
const keyBytesMin = 16;
const keyBytesMax = 64;

const leafDomain = "focused-file-sync leaf 1";
const nodeDomain = "focused-file-sync node 1";

export type HashSize = 16 | 32 | 64;

/** The hash of the parts joined, for the purpose that `domain` names (16 to 64 bytes). */
export function hash(domain: string, size: HashSize, ...parts: readonly Uint8Array[]): Uint8Array {
  return keyedHash(domainKey(domain), size, parts);
}

/** The leaf of a window: the hash of its sealed slices in order, which may come in parts. */
export function hashLeaf(...sealed: readonly Uint8Array[]): Uint8Array {
  return keyedHash(domainKey(leafDomain), hashBytes, sealed);
}

/**
 * Inner nodes over hashes that stand one after another, two by two, level by level, until one is left; a hash without a
 * neighbour moves up as it is. All of it in libsodium's heap: a large file has thousands of nodes.
 */
export function foldNodes(hashes: Uint8Array): Uint8Array {
  assert(hashes.length > 0 && hashes.length % hashBytes === 0, "there is a hash to begin with, and none in parts");
  const key = domainKey(nodeDomain);
  const raw = sodium();
  const pointer = borrow(keyBytesMax + hashes.length);
  const nodes = pointer + keyBytesMax;
  raw.HEAPU8.set(key, pointer);
  raw.HEAPU8.set(hashes, nodes);
  for (let count = hashes.length / hashBytes; count > 1; count = Math.ceil(count / 2)) {
    for (let left = 0; left < count; left += 2) {
      const [from, to] = [nodes + left * hashBytes, nodes + (left / 2) * hashBytes];
      // The hash is written when all of its input was read: it may lie over it.
      if (left + 1 === count) raw.HEAPU8.copyWithin(to, from, from + hashBytes);
      else
        assert(
          raw._crypto_generichash(to, hashBytes, from, 2 * hashBytes, 0, pointer, key.length) === 0,
          "hashing cannot fail",
        );
    }
  }
  const root = raw.HEAPU8.slice(nodes, nodes + hashBytes);
  giveBack(pointer, keyBytesMax);
  return root;
}

/**
 * A key for one purpose: BLAKE2b as a pseudorandom function under the secret (RFC 7693, section 2.9), as libsodium's
 * own crypto_kdf is, with the purpose as the message. The context follows it; its parts have fixed lengths.
 */
export function deriveKey(secret: Uint8Array, domain: string, ...context: readonly Uint8Array[]): Uint8Array {
  return keyedHash(secret, hashBytes, [domainKey(domain), ...context]);
}

/** A 32-byte tag over the parts joined, which have fixed lengths, for the purpose that `domain` names. */
export function authenticate(key: Uint8Array, domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return deriveKey(key, domain, ...parts);
}

/** The same as `hash`, for bytes that come bit by bit. The state is held here, so one that is dropped leaks nothing. */
export class Hasher {
  readonly #state = new Uint8Array(hashStateBytes);
  readonly #size: number;
  #isDone = false;

  constructor(domain: string, size: HashSize) {
    this.#size = size;
    initialise(this.#state, domainKey(domain), size);
  }

  update(bytes: Uint8Array): this {
    assert(!this.#isDone, "a digest that was taken is final");
    absorb(this.#state, bytes);
    return this;
  }

  digest(): Uint8Array {
    assert(!this.#isDone, "a digest is taken once");
    this.#isDone = true;
    return finish(this.#state, this.#size);
  }
}

/** `hashLeaf` for sealed slices that come in runs. */
export class LeafHasher extends Hasher {
  constructor() {
    super(leafDomain, hashBytes);
  }
}

const domainKeys = new Map<string, Uint8Array>();

function domainKey(domain: string): Uint8Array {
  const known = domainKeys.get(domain);
  if (known !== undefined) return known;
  const key = utf8Encode(domain);
  assert(key.length >= keyBytesMin && key.length <= keyBytesMax, "a domain is 16 to 64 bytes");
  domainKeys.set(domain, key);
  return key;
}

/** In one call of libsodium when it fits a pass, as nearly everything does. The order in the heap: key, hash (it may be a key too), parts. */
function keyedHash(key: Uint8Array, size: number, parts: readonly Uint8Array[]): Uint8Array {
  assert(key.length >= keyBytesMin && key.length <= keyBytesMax, "a hash key is 16 to 64 bytes");
  let inputBytes = 0;
  for (const part of parts) inputBytes += part.length;
  if (inputBytes > hashPassBytes) return hashInPasses(key, size, parts);
  const raw = sodium();
  const pointer = borrow(2 * keyBytesMax + inputBytes);
  const output = pointer + keyBytesMax;
  const input = output + keyBytesMax;
  const heap = raw.HEAPU8;
  heap.set(key, pointer);
  let at = input;
  for (const part of parts) {
    heap.set(part, at);
    at += part.length;
  }
  const failed = raw._crypto_generichash(output, size, input, inputBytes, 0, pointer, key.length);
  assert(failed === 0, "hashing cannot fail");
  const result = heap.slice(output, output + size);
  giveBack(pointer, 2 * keyBytesMax);
  return result;
}

function hashInPasses(key: Uint8Array, size: number, parts: readonly Uint8Array[]): Uint8Array {
  const state = new Uint8Array(hashStateBytes);
  initialise(state, key, size);
  for (const part of parts) absorb(state, part);
  return finish(state, size);
}

function initialise(state: Uint8Array, key: Uint8Array, size: number): void {
  withState(state, keyBytesMax, (pointer, room) => {
    sodium().HEAPU8.set(key, room);
    return sodium()._crypto_generichash_init(pointer, room, key.length, size);
  });
}

function absorb(state: Uint8Array, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += hashPassBytes) {
    const pass = bytes.subarray(at, at + hashPassBytes);
    withState(state, pass.length, (pointer, room) => {
      sodium().HEAPU8.set(pass, room);
      return sodium()._crypto_generichash_update(pointer, room, pass.length, 0);
    });
  }
}

function finish(state: Uint8Array, size: number): Uint8Array {
  const digest = new Uint8Array(size);
  withState(state, size, (pointer, room) => {
    const failed = sodium()._crypto_generichash_final(pointer, room, size);
    digest.set(sodium().HEAPU8.subarray(room, room + size));
    return failed;
  });
  wipe(state);
  return digest;
}

/** Moves the state into the heap and back, with some room behind it. The state and the start of the room may hold a key. */
function withState(state: Uint8Array, roomBytes: number, use: (pointer: Pointer, room: Pointer) => number): void {
  const pointer = borrow(hashStateBytes + roomBytes);
  sodium().HEAPU8.set(state, pointer);
  const failed = use(pointer, pointer + hashStateBytes);
  assert(failed === 0, "hashing cannot fail");
  state.set(sodium().HEAPU8.subarray(pointer, pointer + hashStateBytes));
  giveBack(pointer, hashStateBytes + Math.min(roomBytes, keyBytesMax));
}
