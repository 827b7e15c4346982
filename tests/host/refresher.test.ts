/** When snapshots are read anew: at once for a status, ten times a second for slices, and not at all when nothing moves. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId } from "../../core/base/ids.ts";
import { Refresher } from "../../core/host/refresher.ts";
import { Snapshots } from "../../core/host/snapshots.ts";
import type { Progress } from "../../core/sync/progress.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const test = suite("host: refresher");

const file = "aa".repeat(16) as FileId;

/** A file whose progress is whatever the test says. */
function stage(): {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly refresher: Refresher;
  readonly snapshots: Snapshots;
  readonly state: { bytesReceived: number; bytesPerSecond: number; peers: number };
  calls: number;
} {
  const clock = virtualClock();
  const state = { bytesReceived: 0, bytesPerSecond: 0, peers: 0 };
  const snapshots = new Snapshots(
    () => ({ fileId: file, ...state }) as Progress,
    () => assert.unreachable(),
  );
  const refresher = new Refresher({ clock, snapshots });
  const staged = { clock, refresher, snapshots, state, calls: 0 };
  snapshots.subscribe(() => staged.calls++);
  return staged;
}

test("a thousand slices in a second are ten updates, the last of them with all that came", () => {
  const staged = stage();
  for (let i = 1; i <= 1000; i++) {
    staged.state.bytesReceived = i;
    staged.refresher.onEvent({ kind: "progressed", fileId: file });
    staged.clock.advance(1);
  }
  staged.clock.advance(100);
  assert.ok(staged.calls >= 9 && staged.calls <= 11, `${staged.calls} updates`);
  assert.is(staged.snapshots.get(file)?.bytesReceived, 1000);
});

test("a status is told at once, between two updates of progress too", () => {
  const staged = stage();
  staged.refresher.onEvent({ kind: "progressed", fileId: file });
  staged.state.bytesReceived = 5;
  staged.refresher.onEvent({ kind: "want_changed", fileId: file });
  assert.is(staged.calls, 1);
  assert.is(staged.snapshots.get(file)?.bytesReceived, 5);
});

test("while something moves it is looked at twice a second; once it stands still no timer is left", () => {
  const staged = stage();
  staged.state.bytesPerSecond = 1000;
  staged.refresher.onEvent({ kind: "want_changed", fileId: file });
  for (let i = 0; i < 10; i++) {
    staged.state.bytesPerSecond -= 100;
    staged.clock.advance(500);
    assert.is(staged.snapshots.get(file)?.bytesPerSecond, staged.state.bytesPerSecond);
  }
  assert.is(staged.clock.pendingCount(), 0);
});

/** A thousand files; counts how often one is read. */
function crowd(): { files: FileId[]; snapshots: Snapshots; refresher: Refresher; reads(): number } {
  let reads = 0;
  const snapshots = new Snapshots(
    (fileId) => ({ fileId, peers: ++reads % 2 }) as Progress,
    () => assert.unreachable(),
  );
  const files = Array.from({ length: 1000 }, (_, n) => n.toString(16).padStart(32, "0") as FileId);
  return { files, snapshots, refresher: new Refresher({ clock: virtualClock(), snapshots }), reads: () => reads };
}

test("a thousand wants that change one by one are a thousand reads", () => {
  const staged = crowd();
  for (const fileId of staged.files) staged.refresher.onEvent({ kind: "want_changed", fileId });
  assert.is(staged.reads(), 1000);
  assert.is(staged.snapshots.all.size, 1000);
  assert.is(staged.reads(), 1000);
});

test("attachments that come are read when somebody asks, each once, and are counted before", () => {
  const staged = crowd();
  for (const fileId of staged.files) staged.refresher.onEvent({ kind: "attachment_added", fileId });
  assert.is(staged.reads(), 0);
  assert.is(staged.snapshots.size, 1000);
  const one = staged.snapshots.get(staged.files[7] as FileId);
  assert.is(staged.reads(), 1);
  const { all } = staged.snapshots;
  assert.is(all.size, 1000);
  assert.is(all.get(staged.files[7] as FileId), one);
  assert.is(staged.reads(), 1000);
  assert.is(staged.snapshots.all, all, "the same map until something changes");
});

test("what is read anew and is the same keeps the map and tells nobody; what is gone leaves it", () => {
  const present = new Map([
    ["a", 1],
    ["b", 1],
  ] as [string, number][]);
  const snapshots = new Snapshots(
    (fileId) => (present.has(fileId) ? ({ fileId, slicesReceived: present.get(fileId) } as Progress) : undefined),
    () => assert.unreachable(),
  );
  let told = 0;
  snapshots.subscribe(() => told++);
  snapshots.refresh(["a", "b"] as FileId[]);
  const { all } = snapshots;
  snapshots.refresh(["a", "b"] as FileId[]);
  assert.is(told, 1);
  assert.is(snapshots.all, all);
  present.delete("a");
  snapshots.refresh(["a"] as FileId[]);
  snapshots.refresh(["a"] as FileId[]);
  assert.is(told, 2);
  assert.is(snapshots.size, 1);
  assert.equal([...snapshots.all.keys()], ["b"]);
  assert.is(all.size, 2, "a map that was handed out stays as it was");
});

test("closed: no timer is left, and none is set any more", () => {
  const staged = stage();
  staged.state.peers = 1;
  staged.refresher.onEvent({ kind: "want_changed", fileId: file });
  staged.refresher.onEvent({ kind: "progressed", fileId: file });
  assert.is(staged.clock.pendingCount(), 1);
  staged.refresher.close();
  staged.refresher.onEvent({ kind: "progressed", fileId: file });
  assert.is(staged.clock.pendingCount(), 0);
});

test("who waits for one file is not woken up for the others", () => {
  const other = "bb".repeat(16) as FileId;
  const received = new Map([file, other].map((fileId) => [fileId, 0]));
  const snapshots = new Snapshots(
    (fileId) => ({ fileId, bytesReceived: received.get(fileId) }) as Progress,
    () => assert.unreachable(),
  );
  const calls = { file: 0, other: 0, any: 0 };
  const stop = snapshots.subscribeTo(file, () => calls.file++);
  snapshots.subscribeTo(other, () => calls.other++);
  snapshots.subscribe(() => calls.any++);
  for (let i = 1; i <= 1000; i++) {
    received.set(other, i);
    snapshots.refresh([file, other]);
  }
  // The first refresh of each is its first snapshot.
  assert.equal(calls, { file: 1, other: 1000, any: 1000 });
  stop();
  received.set(file, 1);
  snapshots.refresh([file]);
  assert.is(calls.file, 1);
  snapshots.close();
  assert.is(calls.other, 1001, "whoever waits is told that there will be no more");
});

test.run();
