/** Streams of frames against the wrapper's secretstream; key exchange against the wrapper's crypto_kx. */
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { emptyBytes, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { cryptoReady, exchangeKeyPair, PullStream, PushStream, sessionKeys } from "../../core/crypto/index.ts";
import { hasNativeStream, nativeStreamFor, withoutNativeStream } from "../../core/crypto/native-stream.ts";
import { framePlainBytesMax, nativeFrameBytesMin } from "../../core/limits.ts";

const test = suite("crypto: stream and exchange");
test.before(cryptoReady);

const random = seededRandom(17);
const key = random.bytes(32);
const header = random.bytes(24);

/** Short and long ones, of lengths that the runtime's cipher takes and of others. */
const frameSizes = fc.oneof(
  fc.nat(300),
  fc.integer({ min: nativeFrameBytesMin - 20, max: nativeFrameBytesMin + 40 }),
  fc.integer({ min: nativeFrameBytesMin / 8, max: 1500 }).map((eighths) => 8 * eighths),
);

function pair(): { push: PushStream; pull: PullStream } {
  return { push: new PushStream(key, header), pull: new PullStream(key, header) };
}

test("our streams and the wrapper's open each other's frames, to the final one", () => {
  const push = new PushStream(key, header);
  const twinPull = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  for (const text of ["one", "", "three"]) {
    const pulled = sodium.crypto_secretstream_xchacha20poly1305_pull(twinPull, push.push(utf8Encode(text)), null);
    assert.equal(pulled && { ...pulled }, { message: utf8Encode(text), tag: 0 });
  }
  const last = sodium.crypto_secretstream_xchacha20poly1305_pull(twinPull, push.push(emptyBytes, true), null);
  assert.is(last && last.tag, 3);

  const { state, header: drawn } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  const pull = new PullStream(key, drawn);
  for (const [text, tag] of [
    ["one", 0],
    ["two", 0],
    ["end", 3],
  ] as const) {
    const frame = sodium.crypto_secretstream_xchacha20poly1305_push(state, utf8Encode(text), null, tag);
    assert.equal(pull.pull(frame), { plain: utf8Encode(text), final: tag === 3 });
  }
});

test("the state made from a header is the one that libsodium's init_push made with it", () => {
  const raw = (sodium as unknown as { libsodium: RawStream }).libsodium;
  const pointer = raw._malloc(256);
  raw.HEAPU8.set(key, pointer + 192);
  raw._crypto_secretstream_xchacha20poly1305_init_push(pointer, pointer + 128, pointer + 192);
  raw._crypto_secretstream_xchacha20poly1305_init_pull(pointer + 64, pointer + 128, pointer + 192);
  assert.equal(raw.HEAPU8.slice(pointer, pointer + 52), raw.HEAPU8.slice(pointer + 64, pointer + 64 + 52));
  raw._free(pointer);
});

interface RawStream {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _crypto_secretstream_xchacha20poly1305_init_push(state: number, header: number, key: number): number;
  _crypto_secretstream_xchacha20poly1305_init_pull(state: number, header: number, key: number): number;
}

test("the runtime's cipher is at work here, and makes and opens what libsodium does, at every length, in any order", () => {
  assert.ok(hasNativeStream(), "Node has ChaCha20-Poly1305");
  fc.assert(
    fc.property(fc.array(frameSizes, { maxLength: 6 }), fc.infiniteStream(fc.boolean()), (sizes, coin) => {
      const own = pair();
      const plainly = pair();
      for (const size of sizes) {
        const plain = random.bytes(size);
        const frame = own.push.push(plain);
        assert.equal(
          frame,
          withoutNativeStream(() => plainly.push.push(plain)),
        );
        // One stream opened partly by the one, partly by the other.
        const opened = coin.next().value ? own.pull.pull(frame) : withoutNativeStream(() => own.pull.pull(frame));
        assert.equal(opened, { plain, final: false });
      }
    }),
    { numRuns: 100 },
  );
});

test("a long frame flipped anywhere, repeated, skipped or cut is refused by the runtime's cipher too", () => {
  const long = Array.from({ length: 3 }, () => random.bytes(nativeFrameBytesMin));
  const spoilt: ((frames: Uint8Array[]) => Uint8Array)[] = [
    ...[0, 7, 8, 8 * 700, 8 * nativeFrameBytesMin, 8 * (nativeFrameBytesMin + 17) - 1].map(
      (bit) => (frames: Uint8Array[]) => flip(frames[1]!, bit),
    ),
    ([first]) => first!,
    ([, , third]) => third!,
    ([, second]) => second!.subarray(0, -8),
  ];
  for (const spoil of spoilt) {
    const { push, pull } = pair();
    const frames = long.map((plain) => push.push(plain));
    assert.ok(pull.pull(frames[0]!));
    assert.is(pull.pull(spoil(frames)), undefined);
    assert.is(pull.pull(frames[1]!), undefined);
  }
});

test("a long frame that libsodium marked with another tag is not taken; its final one ends the stream", () => {
  for (const [tag, expected] of [
    [1, undefined],
    [2, undefined],
    [3, true],
  ] as const) {
    const { state, header: drawn } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    const plain = random.bytes(nativeFrameBytesMin);
    const frame = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, null, tag);
    assert.is(new PullStream(key, drawn).pull(frame)?.final, expected);
  }
});

test("short frames, lengths that are padded otherwise, and the last frame of a key are left to libsodium", () => {
  const state = new Uint8Array(52);
  assert.ok(nativeStreamFor(state, nativeFrameBytesMin));
  assert.is(nativeStreamFor(state, nativeFrameBytesMin - 8), undefined);
  for (let odd = 1; odd < 8; odd++) assert.is(nativeStreamFor(state, nativeFrameBytesMin + odd), undefined);
  state.fill(255, 32, 36);
  assert.is(nativeStreamFor(state, nativeFrameBytesMin), undefined);
});

test("the largest frame goes through", () => {
  const { push, pull } = pair();
  const plain = random.bytes(framePlainBytesMax);
  assert.equal(pull.pull(push.push(plain)), { plain, final: false });
});

test("a frame flipped, repeated, skipped, cut or empty: refused, and nothing is taken after it", () => {
  const spoilt: ((frames: Uint8Array[]) => Uint8Array)[] = [
    ([, second]) => flip(second!, 0),
    ([, second]) => flip(second!, second!.length * 8 - 1),
    ([first]) => first!,
    ([, , third]) => third!,
    ([, second]) => second!.subarray(0, -1),
    () => emptyBytes,
  ];
  for (const spoil of spoilt) {
    const { push, pull } = pair();
    const frames = ["a", "b", "c"].map((text) => push.push(utf8Encode(text)));
    assert.ok(pull.pull(frames[0]!));
    assert.is(pull.pull(spoil(frames)), undefined);
    assert.is(pull.pull(frames[1]!), undefined);
  }
});

test("libsodium's other tags are not taken, though they open", () => {
  const { state, header: drawn } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  for (const tag of [1, 2]) {
    const frame = sodium.crypto_secretstream_xchacha20poly1305_push(state, utf8Encode("x"), null, tag);
    assert.is(new PullStream(key, drawn).pull(frame), undefined);
  }
});

test("after the final frame nothing is pulled, and pushing asserts", () => {
  const { push, pull } = pair();
  assert.equal(pull.pull(push.push(emptyBytes, true)), { plain: emptyBytes, final: true });
  assert.is(pull.pull(emptyBytes), undefined);
  assert.throws(() => push.push(emptyBytes), /final/);
});

test("both sides of an exchange have the same two keys, and they are the wrapper's", () => {
  const client = exchangeKeyPair(random.bytes(32));
  const server = exchangeKeyPair(random.bytes(32));
  const ofClient = sessionKeys("client", client, server.publicKey)!;
  const ofServer = sessionKeys("server", server, client.publicKey)!;
  assert.equal(ofClient.send, ofServer.receive);
  assert.equal(ofClient.receive, ofServer.send);
  assert.is.not(Buffer.compare(ofClient.send, ofClient.receive), 0);
  const twin = sodium.crypto_kx_client_session_keys(client.publicKey, client.secretKey, server.publicKey);
  assert.equal([ofClient.receive, ofClient.send], [twin.sharedRx, twin.sharedTx]);
});

test("a key pair from a seed is the wrapper's", () => {
  const seed = random.bytes(32);
  const twin = sodium.crypto_kx_seed_keypair(seed);
  assert.equal(exchangeKeyPair(seed), { publicKey: twin.publicKey, secretKey: twin.privateKey });
});

test("a point of low order from the other side: no keys", () => {
  const own = exchangeKeyPair(random.bytes(32));
  const one = new Uint8Array(32);
  one[0] = 1;
  for (const point of [new Uint8Array(32), one]) {
    assert.is(sessionKeys("client", own, point), undefined);
    assert.is(sessionKeys("server", own, point), undefined);
  }
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}

test.run();
