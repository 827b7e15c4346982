/** What follows from the inputs in tests/vectors/crypto.json. In Node and in browsers: no part of either here. */
import { assert } from "../../core/base/assert.ts";
import { bytesToHex, concatBytes, utf8Decode } from "../../core/base/bytes.ts";
import * as crypto from "../../core/crypto/index.ts";

/** The bytes of a case's fields; a field that is not there fails the test by name. */
export type Fields = (field: string) => Uint8Array;

/** By name of the case: what follows from its inputs, to be compared with the fields of these names. */
export const cryptoCases: Record<string, (of: Fields) => Record<string, Uint8Array>> = {
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
    node: crypto.foldNodes(concatBytes(of("leaf"), of("emptyLeaf"))),
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
    assert(keys !== undefined, "the seeds make keys");
    return {
      clientPublicKey: client.publicKey,
      serverPublicKey: server.publicKey,
      toClient: keys.receive,
      toServer: keys.send,
    };
  },
};
