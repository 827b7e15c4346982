/**
 * The one door to libsodium. Everything that computes goes through the package's raw WASM functions on its own heap:
 * a wrapper's call allocates, copies and frees for each argument, which costs as much as sealing a slice does.
 *
 * The heap is used through one arena that is kept between calls. Calls are synchronous and never nest, so one arena is
 * enough. Whoever borrows it lays its secrets out first and says how many bytes of them there are; those are wiped
 * when the arena is given back. (What libsodium leaves on its own stack, a derived key for one, lives until the next
 * call overwrites it.)
 *
 * Raw functions take 64-bit lengths as two 32-bit arguments, and a wrong number of arguments kills the instance. So
 * `RawSodium` lists what we call, argument for argument, and nothing outside this folder calls it.
 *
 * The package is loaded when it is first needed: most of it is WebAssembly as text, which a page that only links to this
 * library should not have to fetch and parse.
 */
import { assert } from "../base/assert.ts";
import { FileSyncError } from "../errors.ts";
import { cryptoArenaBytesMax, cryptoArenaBytesMin } from "../limits.ts";

/** An address in the WASM heap. */
export type Pointer = number;
/** What C calls NULL. */
export const nullPointer: Pointer = 0;

/** What we use of libsodium, as its C headers have it. Zero is success unless the function returns a size. */
export interface RawSodium {
  /** Read it afresh after every allocation: when the heap grows, the old view is detached. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): Pointer;
  _free(pointer: Pointer): void;
  _crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed: Pointer,
    sealedLengthOut: Pointer,
    plain: Pointer,
    plainLow: number,
    plainHigh: number,
    data: Pointer,
    dataLow: number,
    dataHigh: number,
    secretNonce: Pointer,
    nonce: Pointer,
    key: Pointer,
  ): number;
  _crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Pointer,
    sealedLengthOut: Pointer,
    plain: Pointer,
    plainLow: number,
    plainHigh: number,
    data: Pointer,
    dataLow: number,
    dataHigh: number,
    secretNonce: Pointer,
    nonce: Pointer,
    key: Pointer,
  ): number;
  _crypto_aead_xchacha20poly1305_ietf_decrypt(
    plain: Pointer,
    plainLengthOut: Pointer,
    secretNonce: Pointer,
    sealed: Pointer,
    sealedLow: number,
    sealedHigh: number,
    data: Pointer,
    dataLow: number,
    dataHigh: number,
    nonce: Pointer,
    key: Pointer,
  ): number;
  _crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
    plain: Pointer,
    secretNonce: Pointer,
    cipher: Pointer,
    cipherLow: number,
    cipherHigh: number,
    tag: Pointer,
    data: Pointer,
    dataLow: number,
    dataHigh: number,
    nonce: Pointer,
    key: Pointer,
  ): number;
  _crypto_generichash(
    hash: Pointer,
    hashBytes: number,
    input: Pointer,
    inputLow: number,
    inputHigh: number,
    key: Pointer,
    keyBytes: number,
  ): number;
  _crypto_generichash_statebytes(): number;
  _crypto_generichash_init(state: Pointer, key: Pointer, keyBytes: number, hashBytes: number): number;
  _crypto_generichash_update(state: Pointer, input: Pointer, inputLow: number, inputHigh: number): number;
  _crypto_generichash_final(state: Pointer, hash: Pointer, hashBytes: number): number;
  _crypto_sign_seed_keypair(publicKey: Pointer, secretKey: Pointer, seed: Pointer): number;
  _crypto_sign_detached(
    signature: Pointer,
    lengthOut: Pointer,
    message: Pointer,
    messageLow: number,
    messageHigh: number,
    secretKey: Pointer,
  ): number;
  _crypto_sign_verify_detached(
    signature: Pointer,
    message: Pointer,
    messageLow: number,
    messageHigh: number,
    publicKey: Pointer,
  ): number;
  _crypto_kx_seed_keypair(publicKey: Pointer, secretKey: Pointer, seed: Pointer): number;
  _crypto_kx_client_session_keys(
    receive: Pointer,
    send: Pointer,
    ownPublic: Pointer,
    ownSecret: Pointer,
    otherPublic: Pointer,
  ): number;
  _crypto_kx_server_session_keys(
    receive: Pointer,
    send: Pointer,
    ownPublic: Pointer,
    ownSecret: Pointer,
    otherPublic: Pointer,
  ): number;
  _crypto_secretstream_xchacha20poly1305_statebytes(): number;
  _crypto_secretstream_xchacha20poly1305_init_pull(state: Pointer, header: Pointer, key: Pointer): number;
  _crypto_secretstream_xchacha20poly1305_push(
    state: Pointer,
    frame: Pointer,
    frameLengthOut: Pointer,
    plain: Pointer,
    plainLow: number,
    plainHigh: number,
    data: Pointer,
    dataLow: number,
    dataHigh: number,
    tag: number,
  ): number;
  _crypto_secretstream_xchacha20poly1305_pull(
    state: Pointer,
    plain: Pointer,
    plainLengthOut: Pointer,
    tagOut: Pointer,
    frame: Pointer,
    frameLow: number,
    frameHigh: number,
    data: Pointer,
    dataLow: number,
    dataHigh: number,
  ): number;
}

/** Sizes that our layouts in the arena take for granted; a build that differs is refused before it does harm. */
export const hashStateBytes = 384;
export const streamStateBytes = 52;

let readySodium: RawSodium | undefined;
let compare: ((a: Uint8Array, b: Uint8Array) => boolean) | undefined;
/** Forgotten when it failed, so that it can be tried again. */
let loading: Promise<void> | undefined;

/** Resolves when the other functions of this folder may be called; all of those are synchronous. */
export function cryptoReady(): Promise<void> {
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    throw new FileSyncError("storage_failed", { detail: "libsodium was not loaded", cause });
  });
  return loading;
}

async function load(): Promise<void> {
  const { default: wrappers } = await import("libsodium-wrappers");
  await wrappers.ready;
  const raw = (wrappers as unknown as { readonly libsodium: RawSodium }).libsodium;
  assert(raw._crypto_generichash_statebytes() === hashStateBytes, "libsodium's hash state has the size that we know");
  assert(raw._crypto_secretstream_xchacha20poly1305_statebytes() === streamStateBytes, "so has its stream state");
  readySodium = raw;
  compare = wrappers.memcmp;
}

export function sodium(): RawSodium {
  assert(readySodium !== undefined, "cryptoReady() has resolved before cryptography is used");
  return readySodium;
}

/** Overwrites a secret that is not needed any more. Copies that the engine made while moving memory are out of reach. */
export function wipe(bytes: Uint8Array): void {
  bytes.fill(0);
}

/** In time that depends on the length alone (libsodium's sodium_memcmp). */
export function secretsEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  assert(compare !== undefined, "cryptoReady() has resolved before cryptography is used");
  return compare(a, b);
}

// ---- The arena

let arena: Pointer = nullPointer;
let arenaBytes = 0;
let isBorrowed = false;

/** Heap memory for one call of ours, until `giveBack`. What it holds at first is undefined. */
export function borrow(bytes: number): Pointer {
  assert(!isBorrowed, "the arena is given back before it is borrowed again");
  const pointer = bytes > cryptoArenaBytesMax ? allocate(bytes) : grownArena(bytes);
  isBorrowed = true;
  return pointer;
}

/** `secretBytes` from the pointer on are wiped. */
export function giveBack(pointer: Pointer, secretBytes: number): void {
  sodium().HEAPU8.fill(0, pointer, pointer + secretBytes);
  if (pointer !== arena) sodium()._free(pointer);
  isBorrowed = false;
}

function grownArena(bytes: number): Pointer {
  if (bytes > arenaBytes) {
    let size = Math.max(arenaBytes, cryptoArenaBytesMin);
    while (size < bytes) size *= 2;
    const grown = allocate(size);
    if (arena !== nullPointer) sodium()._free(arena);
    arena = grown;
    arenaBytes = size;
  }
  return arena;
}

function allocate(bytes: number): Pointer {
  const pointer = sodium()._malloc(bytes);
  assert(pointer !== nullPointer, "libsodium's heap has room");
  return pointer;
}
