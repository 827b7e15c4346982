/** What a call resolved for outlives a loss of power in that very moment (G-9), on a disk that keeps nothing but what was flushed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../core/base/random.ts";
import { faultyStorage } from "../../core/storage/faulty.ts";
import type { FileSync } from "../../core/index.ts";
import {
  bytesOf,
  content,
  inCircle,
  message,
  partsIn,
  rejects,
  until,
  watchedProvider,
  type Circle,
  type WatchedProvider,
} from "./circle.ts";

const test = suite("api: durable");

interface Powered {
  readonly circle: Circle;
  readonly store: WatchedProvider;
  readonly sync: FileSync;
  /** The power goes; what the disk still holds is opened. */
  restart(): Promise<FileSync>;
}

async function powered(name: string, story: (powered: Powered) => Promise<void>): Promise<void> {
  // What is lost is drawn: a few draws, so that most things are lost once.
  for (let seed = 1; seed <= 5; seed++) {
    await inCircle(["anna", "ben"], async (circle) => {
      const disk = faultyStorage(seededRandom(seed));
      const store = watchedProvider(disk);
      let sync = await circle.open(name, { storage: store });
      const restart = async (): Promise<FileSync> => {
        disk.crash("power_loss");
        await sync.close().catch(() => undefined);
        sync = await circle.open(name, { storage: store });
        return sync;
      };
      await story({ circle, store, sync, restart });
    });
  }
}

test("attach: the attachment and its bytes are there (G-9)", () =>
  powered("anna", async ({ sync, restart }) => {
    const bytes = content(200_000);
    const attached = await sync.attach(bytes, { messageId: message, name: "a" });
    const again = await restart();
    assert.equal(again.attachments(), [attached]);
    assert.is(again.progress(attached.fileId)?.status, "complete");
    assert.equal(await bytesOf(again.read(attached.fileId)), bytes);
  }));

test("request, pause, resume and cancel: the want is as it was told, with its priority and its end (G-9)", () =>
  powered("ben", async ({ sync: first, restart }) => {
    const fileId = "ab".repeat(16);
    let sync = first;
    const after = async (call: Promise<void>): Promise<unknown> => {
      await call;
      sync = await restart();
      return sync.progress(fileId)?.status;
    };
    assert.is(await after(sync.request(fileId, { priority: 9, ttlMs: 3_600_000 })), "active");
    assert.is(await after(sync.pause(fileId)), "paused");
    assert.is(sync.progress(fileId)?.priority, 9);
    assert.is(await after(sync.resume(fileId)), "active");
    assert.is(await after(sync.cancel(fileId)), "cancelled");
    assert.is(await after(sync.request(fileId)), "active");
  }));

test("whenComplete: every byte is here without anybody to ask (G-9)", () =>
  powered("ben", async ({ circle, sync, restart }) => {
    const anna = await circle.open("anna");
    const bytes = content(300_000);
    const { fileId } = await anna.attach(bytes, { messageId: message });
    await until("ben hears of it", () => sync.attachments().length === 1);
    await sync.request(fileId);
    await sync.whenComplete(fileId);
    await anna.close();
    const again = await restart();
    assert.is(again.progress(fileId)?.status, "complete");
    assert.equal(await bytesOf(again.read(fileId)), bytes);
  }));

test("delete: it does not come back, and neither does its space (G-9)", () =>
  powered("anna", async ({ sync, store, restart }) => {
    const { fileId } = await sync.attach(content(10_000), { messageId: message });
    await sync.delete(fileId);
    const again = await restart();
    assert.equal(again.attachments(), []);
    await until("the slices are gone", () => partsIn(store.files()).length === 0);
    await rejects(again.request(fileId), "file_deleted");
  }));

test.run();
