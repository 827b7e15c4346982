/** After `close`: every call says so by name; closing is once, whoever asks how often. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryStorage, openFileSync } from "../../core/index.ts";
import { bytesOf, content, inCircle, message, rejects } from "./circle.ts";

const test = suite("api: closed");

test("every call after close fails with closed, but close itself", () =>
  inCircle(["anna"], async (circle) => {
    const anna = await circle.open("anna");
    const { fileId } = await anna.attach(content(10), { messageId: message });
    const unsubscribe = anna.subscribe(() => {});
    const watching = anna.watch(fileId);
    const reading = anna.read(fileId);
    const closing = anna.close();
    const calls: Record<string, () => unknown> = {
      attach: () => anna.attach(content(1), { messageId: message }),
      request: () => anna.request(fileId),
      pause: () => anna.pause(fileId),
      resume: () => anna.resume(fileId),
      cancel: () => anna.cancel(fileId),
      delete: () => anna.delete(fileId),
      progress: () => anna.progress(fileId),
      downloads: () => anna.downloads(),
      subscribe: () => anna.subscribe(() => {}),
      watch: () => anna.watch(fileId),
      whenComplete: () => anna.whenComplete(fileId),
      read: () => anna.read(fileId),
      blob: () => anna.blob(fileId),
      attachments: () => anna.attachments(),
      setGroup: () => anna.setGroup(circle.group),
    };
    for (const round of ["while it closes", "closed"]) {
      for (const [name, call] of Object.entries(calls)) {
        const error = await rejects(call, "closed");
        assert.is(error.fault, "app", `${name}, ${round}`);
      }
      await closing;
    }
    await rejects(watching.next(), "closed");
    await rejects(bytesOf(reading), "closed");
    unsubscribe();
  }));

test("close twice, at once and one after the other: one and the same end", () =>
  inCircle(["anna"], async (circle) => {
    const anna = await circle.open("anna");
    const first = anna.close();
    assert.is(anna.close(), first);
    await first;
    assert.is(anna.close(), first);
    await first;
  }));

test("what was called just before close is in the store afterwards", () =>
  inCircle(["anna", "ben"], async (circle) => {
    const anna = await circle.open("anna", { transport: [] });
    const { fileId } = await anna.attach(content(1000), { messageId: message });
    const ben = await circle.open("ben", { transport: [] });
    const calls = [ben.request(fileId, { priority: 9 }), ben.pause(fileId)];
    await ben.close();
    await Promise.all(calls);
    const again = await circle.open("ben", { transport: [] });
    assert.equal([again.progress(fileId)?.status, again.progress(fileId)?.priority], ["paused", 9]);
  }));

test("a transport that fails to stop: the failure is told, and the store is free all the same", () =>
  inCircle(["anna"], async (circle) => {
    const broken = { start: async () => {}, stop: () => Promise.reject(new Error("stuck")) };
    const anna = await circle.open("anna", { transport: broken });
    await anna.close().then(
      () => assert.unreachable(),
      (thrown: Error) => assert.is(thrown.message, "stuck"),
    );
    await (await circle.open("anna")).close();
  }));

test("opened and closed a hundred times: every time as it was left", () =>
  inCircle(["anna"], async (circle) => {
    const storage = memoryStorage();
    const options = { storage, identity: circle.keysOf("anna"), group: circle.group };
    for (let i = 0; i < 100; i++) {
      const anna = await openFileSync(options);
      assert.is(anna.attachments().length, Math.ceil(i / 10));
      if (i % 10 === 0) await anna.attach(content(i), { messageId: message });
      await anna.close();
    }
  }));

test.run();
