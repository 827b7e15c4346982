/** A disk that fills up or fails at any call: a named failure, nothing half written, and it goes on when there is room. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FileSyncError } from "../../core/errors.ts";
import { contentOf } from "../file/content.ts";
import { tableRows } from "../support/tables.ts";
import { pair } from "../support/world.ts";
import { fetchFile, filesOf, share } from "./story.ts";

const test = suite("scenario: full disk");

const bytes = contentOf(100_000);
const codes = ["storage_full", "storage_failed"] as const;

for (const code of codes) {
  test(`${code} at any call of a fetch: the want fails by that name or goes on; requested again it completes (G-1, G-9)`, async () => {
    // Goal: a disk that fails is told, and mended by asking again. Method: one call fails and all behind it, call by call.
    let failures = 0;
    for (let call = 1; call < 120; call += call < 40 ? 1 : 7) {
      const { world, ana, ben } = await pair({ seed: call, link: { bytesPerSecond: 2_000_000 } });
      const fileId = await share(world, ana, [ben], bytes);
      ben.setFaults({ failure: { call, code, lasting: true } });
      const requested = ben.request(fileId);
      if (!requested.ok) assert.is(requested.error.code, code);
      await world.run({ forMs: 20_000 });
      const status = ben.status(fileId);
      if (status === "failed") {
        failures++;
        assert.is(ben.progress(fileId)?.failure, code);
        assert.ok(ben.events.some((event) => event.kind === "storage_failed" && event.error.code === code));
      }
      ben.setFaults({});
      await fetchFile(world, [ben], fileId);
      assert.equal(ben.read(fileId), bytes, `call ${call}`);
      const rows = tableRows(ben.database);
      await world.close(ben);
      await world.restart(ben);
      assert.equal(tableRows(ben.database), rows, `call ${call}: the log says what the tables said`);
    }
    assert.ok(failures > 5, `${failures} of them failed`);
  });

  test(`${code} at any call of an attach: told by name, nothing is announced, nothing is left after a restart`, async () => {
    // Goal: an attachment is there or it is not. Method: one call fails, call by call, until none does.
    let failures = 0;
    for (let call = 1; call < 60; call++) {
      const { world, ana, ben } = await pair({ seed: call });
      ana.setFaults({ failure: { call, code, lasting: false } });
      let thrown: unknown;
      const fileId = await world.attach(ana, bytes).catch((error: unknown) => {
        thrown = error;
        return undefined;
      });
      ana.setFaults({});
      if (fileId === undefined) {
        failures++;
        assert.instance(thrown, FileSyncError);
        assert.is((thrown as FileSyncError).code, code);
      }
      world.crash(ana, "kill");
      await world.restart(ana);
      await world.run({ forMs: 1000 });
      const attachments = ana.log.queries.attachments();
      for (const row of attachments) {
        await fetchFile(world, [ben], row.fileId);
        assert.equal(ben.read(row.fileId), bytes, "what is announced can be fetched");
      }
      // A file that is on record may also be one whose descriptor is still to come: it stays.
      const recorded = new Set(ana.log.queries.wants().map((want) => want.fileId as string));
      const left = ana.storage.list("").filter((name) => /^(slices|leaves|attaching)/.test(name));
      assert.equal(
        left.filter((name) => !recorded.has(name.split("/")[1] ?? "")),
        [],
        `call ${call}`,
      );
      if (fileId !== undefined) assert.ok(filesOf(ana, fileId).length === 2);
    }
    assert.ok(failures > 5, `${failures} of them failed`);
  });
}

test("the answering side cannot read for a while: it says nothing wrong, and gives when it can again", async () => {
  // Goal: a holder's disk does not harm the asker. Method: every call of the holder fails for ten seconds.
  const { world, ana, ben } = await pair({ seed: 3, link: { bytesPerSecond: 200_000 } });
  const fileId = await share(world, ana, [ben], bytes);
  ben.request(fileId);
  await world.run({ forMs: 100 });
  ana.setFaults({ failure: { call: 1, code: "storage_failed", lasting: true } });
  await world.run({ forMs: 10_000 });
  ana.setFaults({});
  await world.run({ until: () => ben.status(fileId) === "complete" });
  assert.equal(ben.read(fileId), bytes);
});

test.run();
