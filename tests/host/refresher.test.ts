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
  const refresher = new Refresher({ clock, snapshots, activeFiles: () => [file] });
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

test.run();
