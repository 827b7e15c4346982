/** Files are flushed in turns: what comes meanwhile goes together, each is told its own end, and what follows is told once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId } from "../../core/base/ids.ts";
import { FlushTurns } from "../../core/host/flush-turns.ts";
import { flushesPerTurn } from "../../core/limits.ts";

const test = suite("host: flush turns");

const file = (n: number): FileId => n.toString(16).padStart(32, "0") as FileId;

/** Notes what happens in order; a flush ends when the test says so. */
function stage() {
  const notes: string[] = [];
  const running = new Map<FileId, { resolve: () => void; reject: (reason: Error) => void }>();
  const turns = new FlushTurns(
    (fileId) => {
      notes.push(`flush ${Number.parseInt(fileId, 16)}`);
      return new Promise((resolve, reject) => running.set(fileId, { resolve, reject }));
    },
    () => notes.push("turn"),
  );
  const end = (n: number, failure?: Error): Promise<void> => {
    const flush = running.get(file(n));
    assert.ok(flush, `${n} is being flushed`);
    running.delete(file(n));
    if (failure === undefined) flush.resolve();
    else flush.reject(failure);
    return new Promise((done) => setTimeout(done, 1));
  };
  const add = (n: number, prepare?: () => void): void =>
    turns.add({
      fileId: file(n),
      ...(prepare === undefined ? {} : { prepare }),
      ended: (failure) => notes.push(failure === undefined ? `durable ${n}` : `failed ${n}`),
    });
  return { notes, running, turns, add, end };
}

test("what is added in the very moment in which the last turn ends is flushed too", async () => {
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    let isFlushed = false;
    const turns = new FlushTurns(
      () => Promise.resolve(),
      () => {},
    );
    const afterFirst = async (): Promise<void> => {
      for (let i = 0; i < microtasks; i++) await Promise.resolve();
      turns.add({ fileId: file(2), ended: () => (isFlushed = true) });
    };
    turns.add({ fileId: file(1), ended: () => void afterFirst() });
    await new Promise((done) => setTimeout(done, 1));
    assert.ok(isFlushed, `${microtasks} microtasks later`);
  }
});

test("what comes while a turn is under way is one turn after it, prepared before any of it is flushed", async () => {
  const { notes, add, end, turns } = stage();
  add(1);
  for (const n of [2, 3]) add(n, () => notes.push(`prepare ${n}`));
  assert.equal(notes, ["flush 1"]);
  await end(1);
  assert.equal(notes.splice(0), ["flush 1", "durable 1", "turn", "prepare 2", "prepare 3", "flush 2", "flush 3"]);
  await end(3);
  assert.equal(notes, [], "a turn ends as a whole");
  await end(2);
  assert.equal(notes, ["durable 2", "durable 3", "turn"]);
  await turns.ended();
});

test("what fails, fails alone: one that cannot be prepared is not flushed, and the next turn comes", async () => {
  const { notes, add, end } = stage();
  add(1);
  add(2, () => {
    throw new Error("no space");
  });
  add(3);
  await end(1, new Error("the disk"));
  await end(3);
  assert.equal(notes, ["flush 1", "failed 1", "turn", "flush 3", "failed 2", "durable 3", "turn"]);
  add(4);
  await end(4);
  assert.equal(notes.slice(-3), ["flush 4", "durable 4", "turn"]);
});

test("a thousand files are flushed so many at a time", async () => {
  const { running, add, end, turns } = stage();
  for (let n = 0; n < 1000; n++) add(n);
  let most = 0;
  for (let n = 0; n < 1000; n++) {
    if (!running.has(file(n))) await new Promise((done) => setTimeout(done, 1));
    most = Math.max(most, running.size);
    void end(n);
  }
  await turns.ended();
  assert.is(most, flushesPerTurn);
});

test.run();
