/**
 * A member that does not play fair. It has the keys, so what it sends may open well and be wrong all the same. It is an
 * ordinary device whose messages are altered on their way out.
 */
import type { Random } from "../../core/base/random.ts";
import { windowRange, fileShape, sliceCountOf } from "../../core/base/sizes.ts";
import { sealSlices } from "../../core/crypto/index.ts";
import { sealedSliceBytes, sliceBytes } from "../../core/limits.ts";
import { encodeMessage, type MessageOf } from "../../core/sync/messages.ts";
import { below, happens } from "../support/draw.ts";
import type { Device, Passing, Tap, Verdict } from "../support/world.ts";
import type { Misbehaviour } from "./plan.ts";

export function badMember(device: Device, misbehaviour: Misbehaviour, random: Random): Tap<Device> {
  return (passing) => {
    if (passing.from !== device || !happens(random, 0.5)) return undefined;
    switch (misbehaviour) {
      case "flips":
        return passing.name === "hello" ? undefined : { bytes: flipped(passing.bytes, random) };
      case "wrong_slices":
        return wrongSlices(device, passing, random);
      case "lying_replies":
        return lyingReply(passing, random);
      case "silent":
        return passing.name === "slices" || passing.name === "sync_file_reply" ? "drop" : undefined;
      case "garbage":
        return { bytes: random.bytes(below(random, 200)) };
      default:
        return misbehaviour satisfies never;
    }
  };
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  const at = below(random, copy.length);
  copy[at] = (copy[at] as number) ^ (1 << below(random, 8));
  return copy;
}

/** Other bytes under the right key and nonce: the tag is valid, only the leaf tells. */
function wrongSlices(device: Device, passing: Passing<Device>, random: Random): Verdict {
  const message = passing.message();
  if (message?.name !== "slices" || !device.isUp) return undefined;
  const row = device.log.queries.descriptor(message.fileId);
  const run = message.runs[below(random, message.runs.length)];
  if (row === undefined || run === undefined) return undefined;
  const before = message.runs.slice(0, message.runs.indexOf(run)).reduce((count, each) => count + each.count, 0);
  const place = below(random, run.count);
  const sealed = message.sealed.slice();
  const target = sealed.subarray((before + place) * sealedSliceBytes, (before + place + 1) * sealedSliceBytes);
  const { fileKey, noncePrefix } = row;
  sealSlices({ plain: random.bytes(sliceBytes), fileKey, noncePrefix, firstSlice: run.start + place, sealed: target });
  return { bytes: encodeMessage("slices", { ...message, sealed }) };
}

/** Holds everything and sends nothing, or holds nothing of what it sent. */
function lyingReply(passing: Passing<Device>, random: Random): Verdict {
  const message = passing.message();
  if (message?.name === "slices") return happens(random, 0.5) ? "drop" : undefined;
  if (message?.name !== "sync_file_reply") return undefined;
  return { bytes: encodeMessage("sync_file_reply", lie(message, random)) };
}

function lie(message: MessageOf<"sync_file_reply">, random: Random): MessageOf<"sync_file_reply"> {
  const full = windowRange(fileShape(sliceCountOf(600_000)), 0).count;
  return { ...message, held: happens(random, 0.5) ? full : below(random, 200), sent: below(random, 200) };
}
