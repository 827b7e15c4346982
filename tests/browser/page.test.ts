/** Two peers in a page, every kind of source, and the golden bytes, in Chromium. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertGolden, readGolden } from "../vectors/golden-files.ts";
import { call, touchedGlobals } from "./in-page.ts";
import { storiesOn } from "./stories.ts";

const test = suite("browser: page");
const story = storiesOn("/tests.html", test);

story(
  "1 MB between two peers: paused, nothing comes after what was in flight; resumed, byte for byte",
  async (page) => {
    const facts = await call(page, "scenarios", "pauseAndResume");
    assert.is(facts.attachProgress.at(-1), 1 << 20);
    assert.ok(facts.sameId);
    assert.is(facts.name, "holiday.png");
    const { atPause, paused, stillPaused, complete, percents } = facts;
    assert.is(atPause?.status, "paused");
    assert.is(paused?.status, "paused");
    assert.ok((paused?.percent ?? 100) < 99, `${paused?.percent} % after the pause`);
    assert.is((paused?.slicesReceived ?? 0) - (atPause?.slicesReceived ?? 0), paused?.lateSlices);
    assert.is(stillPaused?.slicesReceived, paused?.slicesReceived);
    assert.ok(facts.snapshotKept, "a snapshot is the same object while nothing changes");
    assert.equal(
      percents,
      percents.toSorted((a, b) => a - b),
      "percent never falls",
    );
    assert.is(complete?.status, "complete");
    assert.is(complete?.percent, 100);
    assert.is(facts.blobHash, facts.sourceHash);
    assert.is(facts.blobBytes, 1 << 20);
    assert.is(facts.mediaType, "image/png");
    assert.is(facts.pauseOfComplete, "want_complete");
    assert.is(facts.afterClose, "closed");
  },
);

story("cancelled in the middle: the slices are gone; requested again it completes", async (page) => {
  const { waiting, cancelled, sourceHash, blobHash } = await call(page, "scenarios", "cancelAndRequestAgain");
  assert.is(waiting, "want_cancelled");
  assert.is(cancelled?.status, "cancelled");
  assert.is(cancelled?.slicesReceived, 0);
  assert.is(blobHash, sourceHash);
});

story("every kind of source that a browser has gives the same bytes back", async (page) => {
  const { hash, hashes } = await call(page, "scenarios", "everySource");
  assert.ok(Object.keys(hashes).length >= 8);
  for (const [name, each] of Object.entries(hashes)) assert.is(each, hash, name);
});

story("a source that is given up or fails leaves nothing behind, and says why", async (page) => {
  assert.equal(await call(page, "scenarios", "abortedAndFailed"), {
    abortedBefore: "not now",
    abortedWithin: "changed my mind",
    failing: "source_failed",
    text: "source_failed",
    streamCancelled: true,
    left: 0,
  });
});

story("a range is read as a stream; an aborted one rejects with the reason", async (page) => {
  const facts = await call(page, "scenarios", "readRange");
  assert.equal(facts, { isRange: true, aborted: "seen enough", outside: "range_invalid" });
});

story("golden bytes: every event and every message is made as in Node, ids and signatures included", async (page) => {
  const made = await call(page, "vectors", "goldenCases");
  assert.ok(Object.keys(made).length >= 8);
  for (const [file, cases] of Object.entries(made)) {
    const stored = readGolden(file);
    assert.is(cases.length, stored.length, file);
    for (const each of cases) assertGolden(each, stored);
  }
});

story("golden bytes: sealed slices, leaves, hashes, keys and streams", async (page) => {
  for (const each of readGolden("crypto")) {
    const made = await call(page, "vectors", "cryptoCase", each);
    assert.ok(Object.keys(made).length > 0, each.name);
    for (const [field, hex] of Object.entries(made)) {
      assert.is(hex, each.fields.find((one) => one.field === field)?.hex, `${each.name}: ${field}`);
    }
  }
});

story("in all this no Buffer and no require was ever looked for", async (page) => {
  const harmless = ["global", "process"];
  assert.equal(
    (await touchedGlobals(page)).filter((name) => !harmless.includes(name)),
    [],
  );
});

test.run();
