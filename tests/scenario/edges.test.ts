/** The sizes at which something changes, names as people have them, and twins. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { utf8Encode } from "../../core/base/bytes.ts";
import { contentOf } from "../file/content.ts";
import { pair } from "../support/world.ts";
import { fetchFile, share } from "./story.ts";

const test = suite("scenario: edges");

const windowOf100 = 100 * 450;
const edges = [
  0,
  1,
  449,
  450,
  451,
  windowOf100 - 450,
  windowOf100,
  windowOf100 + 450,
  102 * 450,
  103 * 450,
  139 * 450,
  140 * 450,
];

test("the empty file, 1, 449, 450, 451 bytes, one window and a slice less or more: byte for byte (G-1)", async () => {
  // Goal: no size is special to the user. Method: all of them at once over one link.
  const { world, ana, ben } = await pair({ seed: 1 });
  const shared = [];
  for (const bytes of edges.map((fileBytes, i) => contentOf(fileBytes, i + 1))) {
    shared.push({ bytes, fileId: await share(world, ana, [ben], bytes) });
  }
  for (const { bytes, fileId } of shared) {
    await fetchFile(world, [ben], fileId);
    assert.equal(ben.read(fileId), bytes, `${bytes.length} bytes`);
    assert.is(ben.progress(fileId)?.percent, 100);
    assert.is(ben.progress(fileId)?.bytesReceived, bytes.length);
  }
});

test("the empty file is complete without a slice, before a descriptor too", async () => {
  // Goal: nothing to fetch is not nothing to wait for. Method: the descriptor is withheld; the leaves tell the length.
  const { world, ana, ben } = await pair({ seed: 2 });
  const hold = world.tap(({ name }) => (name === "events" ? "drop" : undefined));
  const fileId = await world.attach(ana, new Uint8Array(0));
  await fetchFile(world, [ben], fileId);
  assert.throws(() => ben.read(fileId), /key_missing/);
  hold();
  await world.run({ until: () => ben.progress(fileId)?.name !== undefined });
  assert.equal(ben.read(fileId), new Uint8Array(0));
});

test("names: 255 bytes with emoji, path separators, NUL, right-to-left: kept to the byte, never a path (G-8)", async () => {
  // Goal: a name is data. Method: hostile names; they arrive as they were, and no file of the store is called so.
  const { world, ana, ben } = await pair({ seed: 3 });
  const names = ["🎉".repeat(63) + "abc", "../../etc/passwd", "a\0b", "\u202Egnp.exe", "C:\\con", "", "e\u0301 é"];
  assert.is(utf8Encode(names[0] as string).length, 255);
  for (const name of names) {
    const fileId = await share(world, ana, [ben], contentOf(10), { name });
    assert.is(ben.progress(fileId)?.name, name);
    await fetchFile(world, [ben], fileId);
  }
  for (const file of [...ana.storage.list(""), ...ben.storage.list("")]) {
    assert.match(file, /^(format|events\.log|projections\.cache|(slices|leaves)\/[0-9a-f]{32})$/);
  }
});

test("two attachments of identical content: other keys, other ids, nothing to tell them by (G-7)", async () => {
  // Goal: who sees the ciphertexts cannot tell that two files are one. Method: attach twice, compare.
  const { world, ana, ben } = await pair({ seed: 4 });
  const bytes = contentOf(60_000);
  const one = await share(world, ana, [ben], bytes);
  const two = await share(world, ana, [ben], bytes);
  assert.is.not(one, two);
  await fetchFile(world, [ben], one);
  await fetchFile(world, [ben], two);
  assert.equal(ben.read(two), bytes);
  const [a, b] = [ben.log.queries.descriptor(one), ben.log.queries.descriptor(two)];
  assert.ok(a && b);
  assert.is.not(Buffer.from(a?.fileKey ?? []).toString("hex"), Buffer.from(b?.fileKey ?? []).toString("hex"));
  assert.is.not(Buffer.from(a?.rootHash ?? []).toString("hex"), Buffer.from(b?.rootHash ?? []).toString("hex"));
});

test.run();
