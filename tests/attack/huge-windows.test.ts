/** Windows of files over 4 GB are kept piece by piece, unproved: a liar among their sources must not spoil them for ever (G-6). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { epochMs, type FileId, type MessageId } from "../../core/base/ids.ts";
import { fileShape, sliceCountOf } from "../../core/base/sizes.ts";
import { hashLeaf, sealSlices } from "../../core/crypto/index.ts";
import { merkleRoot } from "../../core/file/merkle.ts";
import { requestSlicesMax, sealedSliceBytes, sliceBytes, windowCountMax } from "../../core/limits.ts";
import { encodeMessage } from "../../core/sync/messages.ts";
import { createMessageAttachment, fileIdOf, keyCommitmentOf } from "../../events/index.ts";
import { meeting, type Device, type World } from "../support/world.ts";

const test = suite("attack: huge windows");

const slicesPerWindow = requestSlicesMax + 50;
const fileBytes = windowCountMax * slicesPerWindow * sliceBytes;

interface Huge {
  readonly fileId: FileId;
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
}

/** A file of which only the first window is anywhere; the holders have it, and want the rest like everybody else. */
function hugeFile(world: World, author: Device, holders: readonly Device[]): Huge {
  const { random } = world;
  const [fileKey, noncePrefix] = [random.bytes(32), random.bytes(20)];
  const sealed = new Uint8Array(slicesPerWindow * sealedSliceBytes);
  sealSlices({ plain: random.bytes(slicesPerWindow * sliceBytes), fileKey, noncePrefix, firstSlice: 0, sealed });
  const leaves = random.bytes(windowCountMax * 32);
  leaves.set(hashLeaf(sealed), 0);
  const keyCommitment = keyCommitmentOf(fileKey);
  const rootHash = merkleRoot(leaves);
  const fileId = fileIdOf({ rootHash, noncePrefix, keyCommitment, fileBytes });
  const shape = fileShape(sliceCountOf(fileBytes));
  for (const { log } of holders) {
    log.slices.saveProof(fileId, { shape, fileBytes, noncePrefix, keyCommitment, leaves });
    log.slices.write(fileId, 0, sealed);
  }
  const about = { messageId: "ab".repeat(16) as MessageId, name: "", mediaType: "", width: 0, height: 0 };
  const descriptor = createMessageAttachment(
    { ...about, fileId, fileBytes, noncePrefix, fileKey, rootHash, preview: new Uint8Array(0), createdAtMs: epochMs(world.now()), ttlMs: 0 },
    author.identity,
    author.group.keys[0] as Uint8Array,
    random.bytes(24),
  );
  author.command((engine, now) => engine.addAttachment([descriptor], now));
  author.command((engine) => engine.announce([descriptor.id]));
  return { fileId, fileKey, noncePrefix };
}

/** Whatever it sends has one other slice under the right key and nonce. */
function spoil(world: World, liar: Device, { fileKey, noncePrefix }: Huge): void {
  world.tap((passing) => {
    const message = passing.from === liar ? passing.message() : undefined;
    const run = message?.name === "slices" ? message.runs[0] : undefined;
    if (message?.name !== "slices" || run === undefined) return undefined;
    const sealed = message.sealed.slice();
    const plain = world.random.bytes(sliceBytes);
    sealSlices({ plain, fileKey, noncePrefix, firstSlice: run.start, sealed: sealed.subarray(0, sealedSliceBytes) });
    return { bytes: encodeMessage("slices", { ...message, sealed }) };
  });
}

for (const isSlow of [false, true]) {
  test(`wrong slices with valid tags${isSlow ? ", one at a time," : ""} in every answer of one holder: the window is proved from the other`, async () => {
    // Goal: who spoils a window is found, however often it helps to fill it. Method: 2,300 slices a window, in two requests.
    const { world, devices } = await meeting({ seed: 1, device: { storage: "memory" } } as never, ["liar", "ana", "ben"]);
    const [liar, ana, ben] = devices as [Device, Device, Device];
    const huge = hugeFile(world, ana, [liar, ana]);
    const { fileId } = huge;
    await world.run({ until: () => devices.every((device) => device.log.queries.descriptor(fileId) !== undefined) });
    for (const holder of [liar, ana]) holder.request(fileId);
    await world.run({ until: () => [liar, ana].every((each) => each.log.queries.provedWindows(fileId).length > 0) });
    spoil(world, liar, huge);
    if (isSlow) {
      world.tap((passing) => {
        const message = passing.from === liar ? passing.message() : undefined;
        if (message?.name !== "slices") return undefined;
        const runs = [{ start: message.runs[0]?.start ?? 0, count: 1 }];
        const sealed = message.sealed.slice(0, sealedSliceBytes);
        return { bytes: encodeMessage("slices", { ...message, runs, sealed }) };
      });
    }
    ben.request(fileId);
    await world.run({ until: () => ben.log.queries.provedWindows(fileId).some(({ start }) => start === 0) });
    for (const device of devices) device.cancel(fileId);
  });
}

test.run();
