/** Streams of frames against the wrapper's secretstream; key exchange against the wrapper's crypto_kx. */
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { concatBytes, emptyBytes, utf8Encode } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { cryptoReady, exchangeKeyPair, PullStream, PushStream, sessionKeys } from "../../core/crypto/index.ts";
import { framePlainBytesMax } from "../../core/limits.ts";

const test = suite("crypto: stream and exchange");
test.before(cryptoReady);

const random = seededRandom(17);
const key = random.bytes(32);
const header = random.bytes(24);

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

test("parts pushed together are one frame of the parts joined", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (parts) => {
      const joined = pair();
      const parted = pair();
      const frame = parted.push.push(parts);
      assert.equal(frame, joined.push.push(concatBytes(...parts)));
      assert.equal(parted.pull.pull(frame), { plain: concatBytes(...parts), final: false });
    }),
    { numRuns: 100 },
  );
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
