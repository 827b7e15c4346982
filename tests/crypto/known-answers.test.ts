/**
 * Known answers that nobody here wrote: Wycheproof (C2SP) and the BLAKE2 authors' own. They are read from the folder
 * `shared/vectors` beside the repository and count as skipped where that is absent.
 */
import { existsSync, readFileSync } from "node:fs";
import sodium from "libsodium-wrappers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, hexToBytes, isAllZero } from "../../core/base/bytes.ts";
import {
  cryptoReady,
  exchangeKeyPair,
  hash,
  Hasher,
  openBox,
  sealBox,
  sessionKeys,
  verify,
} from "../../core/crypto/index.ts";

const folder = new URL("../../../shared/vectors/", import.meta.url);
const test = suite("crypto: known answers");
test.before(cryptoReady);
const known = existsSync(folder) ? test : test.skip;

interface Vector {
  readonly tcId: number;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly [field: string]: unknown;
}
interface Group {
  readonly tests: readonly Vector[];
  readonly [field: string]: unknown;
}

function groups(file: string): readonly Group[] {
  return (JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { testGroups: Group[] }).testGroups;
}

function bytes(hex: unknown): Uint8Array {
  const decoded = hexToBytes(hex as string);
  assert.ok(decoded !== undefined);
  return decoded;
}

known("Wycheproof XChaCha20-Poly1305: valid ones seal and open, invalid ones do not open", () => {
  let tried = 0;
  for (const group of groups("xchacha20_poly1305_test.json")) {
    for (const vector of group.tests) {
      const [key, nonce, data, plain] = ["key", "iv", "aad", "msg"].map((field) => bytes(vector[field])) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const sealed = concatBytes(bytes(vector["ct"]), bytes(vector["tag"]));
      tried++;
      if (group["ivSize"] !== 192) {
        // A nonce of another length is our own mistake, never a peer's: it cannot reach libsodium.
        assert.is(vector.result, "invalid");
        assert.throws(() => openBox(sealed, key, nonce, data), /24 bytes/);
      } else if (vector.result === "valid") {
        assert.equal(sealBox(plain, key, nonce, data), sealed, `test ${vector.tcId}`);
        assert.equal(openBox(sealed, key, nonce, data), plain, `test ${vector.tcId}`);
      } else {
        assert.is(openBox(sealed, key, nonce, data), undefined, `test ${vector.tcId}`);
      }
    }
  }
  assert.is(tried, 315);
});

known("Wycheproof Ed25519: exactly the valid ones verify", () => {
  let tried = 0;
  for (const group of groups("ed25519_test.json")) {
    const publicKey = bytes((group["publicKey"] as { pk: string }).pk);
    for (const vector of group.tests) {
      const isValid = verify(bytes(vector["sig"]), bytes(vector["msg"]), publicKey);
      assert.is(isValid, vector.result === "valid", `test ${vector.tcId}`);
      tried++;
    }
  }
  assert.is(tried, 151);
});

known("Wycheproof X25519: session keys follow from the known shared point, and none from a zero one", () => {
  let refused = 0;
  for (const group of groups("x25519_test.json")) {
    for (const vector of group.tests) {
      const [secretKey, other, shared] = ["private", "public", "shared"].map((field) => bytes(vector[field])) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const own = { publicKey: exchangeKeyPair(secretKey).publicKey, secretKey };
      const keys = sessionKeys("client", own, other);
      if (isAllZero(shared)) {
        assert.is(keys, undefined, `test ${vector.tcId}`);
        refused++;
        continue;
      }
      // crypto_kx: BLAKE2b-512 over shared point, client's key, server's key; the client receives with the first half.
      const expected = sodium.crypto_generichash(64, concatBytes(shared, own.publicKey, other), null);
      assert.equal(concatBytes(keys!.receive, keys!.send), expected, `test ${vector.tcId}`);
    }
  }
  assert.ok(refused > 0);
});

known("BLAKE2b keyed: every known answer, in one call and streamed byte by byte", () => {
  const text = readFileSync(new URL("blake2b-kat.txt", folder), "utf8");
  const answers = [...text.matchAll(/in:\t([0-9a-f]*)\nkey:\t([0-9a-f]*)\nhash:\t([0-9a-f]*)/g)];
  assert.is(answers.length, 256);
  for (const [, input, key, answer] of answers) {
    // The key is the bytes 0 to 63, which are ASCII: so it can be a domain.
    const domain = new TextDecoder().decode(bytes(key));
    assert.equal(hash(domain, 64, bytes(input)), bytes(answer));
    const hasher = new Hasher(domain, 64);
    for (const byte of bytes(input)) hasher.update(Uint8Array.of(byte));
    assert.equal(hasher.digest(), bytes(answer));
  }
});

test.run();
