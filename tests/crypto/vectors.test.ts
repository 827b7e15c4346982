/** Our own golden bytes, readable by an implementation in another language: tests/vectors/crypto.json. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex, hexToBytes, utf8Decode } from "../../core/base/bytes.ts";
import * as crypto from "../../core/crypto/index.ts";

const test = suite("crypto: vectors");
test.before(crypto.cryptoReady);

interface VectorCase {
  readonly name: string;
  readonly fields: readonly { readonly field: string; readonly hex: string; readonly remark: string }[];
}

const file = new URL("../vectors/crypto.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: VectorCase[] };

/** The bytes of a case's fields; a field that is not there fails the test by name. */
type Fields = (field: string) => Uint8Array;

/** By name of the case: what follows from its inputs, to be compared with the fields of these names. */
const computed: Record<string, (of: Fields) => Record<string, Uint8Array>> = {
  "sealed slices": (of) => {
    const sealed = new Uint8Array(of("sealed").length);
    const firstSlice = Number.parseInt(bytesToHex(of("firstSlice")), 16);
    crypto.sealSlices({
      fileKey: of("fileKey"),
      noncePrefix: of("noncePrefix"),
      firstSlice,
      plain: of("plain"),
      sealed,
    });
    return { sealed };
  },
  "leaf and node": (of) => ({
    leaf: crypto.hashLeaf(of("sealed")),
    emptyLeaf: crypto.hashLeaf(new Uint8Array(0)),
    node: crypto.hashNode(of("leaf"), of("emptyLeaf")),
  }),
  "hash by purpose": (of) => {
    const domain = utf8Decode(of("domain")) as string;
    const hash = (size: crypto.HashSize): Uint8Array => crypto.hash(domain, size, of("message"));
    return { hash16: hash(16), hash32: hash(32), hash64: hash(64) };
  },
  "derived key": (of) => ({ key: crypto.deriveKey(of("secret"), utf8Decode(of("domain")) as string, of("context")) }),
  signature: (of) => {
    const { publicKey, secretKey } = crypto.identityFromSeed(of("seed"));
    return { publicKey, signature: crypto.sign(of("message"), secretKey) };
  },
  box: (of) => ({ sealed: crypto.sealBox(of("plain"), of("key"), of("nonce"), of("associatedData")) }),
  stream: (of) => {
    const push = new crypto.PushStream(of("key"), of("header"));
    return { firstFrame: push.push(of("first")), finalFrame: push.push(of("final"), true) };
  },
  "key exchange": (of) => {
    const client = crypto.exchangeKeyPair(of("clientSeed"));
    const server = crypto.exchangeKeyPair(of("serverSeed"));
    const keys = crypto.sessionKeys("client", client, server.publicKey);
    assert.ok(keys);
    return {
      clientPublicKey: client.publicKey,
      serverPublicKey: server.publicKey,
      toClient: keys.receive,
      toServer: keys.send,
    };
  },
};

for (const { name, fields } of cases) {
  test(`${name}: the bytes are what they always were`, () => {
    const of: Fields = (field) => {
      const bytes = hexToBytes(fields.find((each) => each.field === field)?.hex ?? "none");
      if (bytes === undefined) throw new Error(`${name} has no field ${field}`);
      return bytes;
    };
    const results = computed[name]?.(of);
    assert.ok(results, "the case is known");
    for (const [field, bytes] of Object.entries(results ?? {}))
      assert.is(bytesToHex(bytes), bytesToHex(of(field)), field);
  });
}

test("every case of the code is in the file", () => {
  assert.equal(cases.map(({ name }) => name).sort(), Object.keys(computed).sort());
});

test.run();
