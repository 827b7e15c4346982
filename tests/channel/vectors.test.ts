/**
 * A whole conversation, byte for byte: tests/vectors/channel.json. Everything that is drawn at random is in the file, so
 * another implementation can play either side.
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex, hexToBytes } from "../../core/base/bytes.ts";
import type { Random } from "../../core/base/random.ts";
import { Channel } from "../../core/channel/index.ts";
import { cryptoReady, identityFromSeed } from "../../core/crypto/index.ts";
import { plainOf } from "./pair.ts";

const test = suite("channel: vectors");
test.before(cryptoReady);

interface Field {
  readonly field: string;
  readonly hex: string;
  readonly remark: string;
}

const file = new URL("../vectors/channel.json", import.meta.url);
const { fields } = JSON.parse(readFileSync(file, "utf8")) as { fields: Field[] };

function bytesOf(field: string): Uint8Array {
  const bytes = hexToBytes(fields.find((each) => each.field === field)?.hex ?? "none");
  if (bytes === undefined) throw new Error(`the file has no field ${field}`);
  return bytes;
}

/** Gives what the file says was drawn, in the order in which a channel draws. */
function drawn(role: string): Random {
  const draws = [bytesOf(`${role}.ephemeralSeed`), bytesOf(`${role}.streamHeader`)];
  return { bytes: () => Uint8Array.from(draws.shift() as Uint8Array), u32: () => 0 };
}

function end(role: "initiator" | "responder"): Channel {
  const identity = identityFromSeed(bytesOf(`${role}.identitySeed`));
  return new Channel({ role, identity, random: drawn(role), authorize: () => true });
}

function reply(channel: Channel, message: Uint8Array): Uint8Array {
  const result = channel.handleFrame(message);
  if (!result.ok) throw result.error;
  return result.value.outgoing[0] as Uint8Array;
}

test("the conversation in the file, played by both of our ends", () => {
  const initiator = end("initiator");
  const responder = end("responder");
  const same = (bytes: Uint8Array, field: string): Uint8Array => {
    assert.is(bytesToHex(bytes), bytesToHex(bytesOf(field)), field);
    return bytes;
  };
  const offer = same(initiator.start() as Uint8Array, "offer");
  const answer = same(reply(responder, offer), "answer");
  const finish = same(reply(initiator, answer), "finish");
  assert.ok(responder.handleFrame(finish).ok);
  assert.is(responder.remotePeer, bytesToHex(bytesOf("initiator.publicKey")));
  assert.is(initiator.remotePeer, bytesToHex(bytesOf("responder.publicKey")));
  const there = same(initiator.seal(bytesOf("initiator.plain")), "initiator.frame");
  same(plainOf(responder.handleFrame(there)), "initiator.plain");
  const back = same(responder.seal(bytesOf("responder.plain")), "responder.frame");
  same(plainOf(initiator.handleFrame(back)), "responder.plain");
  assert.ok(responder.handleFrame(same(initiator.finish(), "initiator.finalFrame")).ok);
  assert.ok(initiator.handleFrame(same(responder.finish(), "responder.finalFrame")).ok);
  assert.ok(responder.handleEnd().ok && initiator.handleEnd().ok);
});

test.run();
