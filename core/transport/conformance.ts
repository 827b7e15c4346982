/**
 * What every transport must do, as a suite: a driver is what passes it. It knows no test framework: it takes a function
 * that declares a test, and failures are plain errors. Tests are written against two ends on one machine:
 *
 *   transportConformance("my transport", test, async () => ({ responder, initiator: () => myTransport(url), pass, … }))
 */
import { frameBytesMax, reconnectDelayMsMin, sendBufferBytesMax } from "../limits.ts";
import {
  check,
  closeWorld,
  equal,
  equalBytes,
  nothingOpen,
  openWorld,
  pattern,
  settle,
  throws,
  total,
  type TransportPair,
  until,
  type World,
} from "./conformance-world.ts";

export type { TransportPair } from "./conformance-world.ts";

export type DeclareTest = (name: string, run: () => Promise<void>) => void;

/** Longer than whatever should not happen would take. */
const quietMs = 100;

export function transportConformance(name: string, test: DeclareTest, makePair: () => Promise<TransportPair>): void {
  const story = (title: string, run: (world: World) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const world = await openWorld(await makePair());
      try {
        await run(world);
      } finally {
        await closeWorld(world);
      }
    });
  };
  declareFrames(story);
  declareBuffers(story);
  declareEnds(story);
  declareStops(story);
}

type Story = (title: string, run: (world: World) => Promise<void>) => void;

function declareFrames(story: Story): void {
  story("who dials is the initiator, who is dialled the responder", async ({ near, far }) => {
    equal(near.last().connection.role, "initiator", "the role of the end that dials");
    equal(far.last().connection.role, "responder", "the role of the end that listens");
  });

  story("frames arrive whole and in order, both ways at once", async (world) => {
    const sizes = [0, 1, 125, 126, 512, 65_535, 65_536, frameBytesMax - 1, frameBytesMax];
    const frames = sizes.map((bytes, index) => pattern(bytes, index));
    for (const frame of frames) {
      world.near.last().connection.send(frame.slice());
      world.far.last().connection.send(frame.slice());
    }
    await until(world, "all frames", () => world.far.bytes() === total(frames) && world.near.bytes() === total(frames));
    await until(world, "the empty ones too", () => world.far.last().frames.length === frames.length);
    for (const recorder of [world.near, world.far]) {
      equal(recorder.last().frames.length, frames.length, "the number of frames");
      recorder
        .last()
        .frames.forEach((frame, index) => equalBytes(frame, frames[index] as Uint8Array, `frame ${index}`));
    }
  });

  story("many small frames stay apart and in order", async (world) => {
    const count = 2000;
    for (let n = 0; n < count; n++) world.near.last().connection.send(pattern(n % 7, n));
    await until(world, "all frames", () => world.far.last().frames.length === count);
    world.far.last().frames.forEach((frame, n) => equalBytes(frame, pattern(n % 7, n), `frame ${n}`));
  });

  story("a frame that is kept keeps its bytes while others come after it", async (world) => {
    const count = 64;
    for (let n = 0; n < count; n++) world.near.last().connection.send(pattern(40_000 + n, n));
    await until(world, "all frames", () => world.far.last().frames.length === count);
    world.far.last().frames.forEach((frame, n) => equalBytes(frame, pattern(40_000 + n, n), `frame ${n}`));
  });

  story("a frame over the limit is our own bug: refused before anything is sent", async (world) => {
    const { connection } = world.near.last();
    throws(() => connection.send(new Uint8Array(frameBytesMax + 1)), "a frame over the limit");
    connection.send(pattern(3, 1));
    await until(world, "the frame after it", () => world.far.last().frames.length === 1);
    equalBytes(world.far.last().frames[0] as Uint8Array, pattern(3, 1), "the frame after it");
  });
}

function declareBuffers(story: Story): void {
  story("buffered bytes go up and down, and drained is called on the way", async (world) => {
    const { connection } = world.near.last();
    equal(connection.bufferedBytes(), 0, "nothing is buffered at first");
    let most = 0;
    // 4 MiB: more than the sockets of a system take at once.
    const count = 64;
    for (let n = 0; n < count; n++) {
      connection.send(pattern(65_536, n));
      most = Math.max(most, connection.bufferedBytes());
    }
    check(most > 0, "so much at once is buffered");
    await until(world, "all frames", () => world.far.last().frames.length === count);
    await until(world, "an empty buffer", () => connection.bufferedBytes() === 0);
    await until(world, "drained", () => world.near.last().drainedCount > 0);
  });

  story("sending on drained moves more than the buffer holds", async (world) => {
    const count = 160;
    let sent = 0;
    const { connection } = world.near.last();
    const fill = (): void => {
      while (sent < count && connection.bufferedBytes() < sendBufferBytesMax) {
        connection.send(pattern(65_536, sent));
        sent++;
      }
    };
    world.near.onDrained = fill;
    fill();
    await until(world, "all frames", () => world.far.last().frames.length === count);
    equalBytes(world.far.last().frames[count - 1] as Uint8Array, pattern(65_536, count - 1), "the last frame");
  });
}

function declareEnds(story: Story): void {
  for (const closer of ["near", "far"] as const) {
    story(
      `frames sent right before close arrive, then an end without error (closed by the ${closer} end)`,
      async (world) => {
        const here = world[closer].last();
        const there = world[closer === "near" ? "far" : "near"].last();
        const count = 20;
        for (let n = 0; n < count; n++) here.connection.send(pattern(30_000, n));
        here.connection.close();
        here.connection.close();
        await until(world, "both ends to hear of it", () => here.closedCount > 0 && there.closedCount > 0);
        equal(there.frames.length, count, "the number of frames");
        equal(there.error, undefined, "the error at the other end");
        equal(here.error, undefined, "the error at the end that closed");
      },
    );
  }

  story("after close nothing is sent or received, and closed is called once", async (world) => {
    const near = world.near.last();
    const far = world.far.last();
    far.connection.send(pattern(10, 1));
    near.connection.close();
    near.connection.send(pattern(10, 2));
    far.connection.send(pattern(10, 3));
    await until(world, "both ends to hear of it", () => near.closedCount > 0 && far.closedCount > 0);
    near.connection.send(pattern(10, 4));
    near.connection.close();
    equal(near.connection.bufferedBytes(), 0, "nothing is buffered after the end");
    await world.pair.pass(quietMs);
    equal(near.frames.length + far.frames.length, 0, "frames received after close");
    equal(near.closedCount, 1, "calls of closed at the end that closed");
    equal(far.closedCount, 1, "calls of closed at the other end");
  });

  story("a break is seen by both ends as connection_failed", async (world) => {
    const near = world.near.last();
    const far = world.far.last();
    world.pair.breakConnections();
    await until(world, "both ends to hear of it", () => near.closedCount > 0 && far.closedCount > 0);
    equal(near.error?.code, "connection_failed", "the error at the end that dialled");
    equal(far.error?.code, "connection_failed", "the error at the end that listens");
  });
}

function declareStops(story: Story): void {
  story("stop closes in order and leaves nothing open", async (world) => {
    const near = world.near.last();
    const far = world.far.last();
    await settle(world, world.initiator.stop());
    equal(near.closedCount, 1, "calls of closed when stop resolves");
    await until(world, "the other end to hear of it", () => far.closedCount === 1);
    equal(far.error, undefined, "the error at the other end");
    await settle(world, world.pair.responder.stop());
    await nothingOpen(world);
  });

  story("stop while it dials leaves nothing open", async (world) => {
    await settle(world, world.pair.responder.stop());
    await world.pair.pass(3 * reconnectDelayMsMin);
    await settle(world, world.initiator.stop());
    await nothingOpen(world);
  });

  story("a responder that stops and starts again is found again, where the transport redials", async (world) => {
    if (!world.pair.redials) return;
    await settle(world, world.pair.responder.stop());
    await until(world, "the initiator to hear of it", () => world.near.last().closedCount > 0);
    equal(world.near.last().error, undefined, "the error of an end that was stopped in order");
    await settle(world, world.pair.responder.start(world.far.accept));
    await until(world, "a new connection", () => world.near.sessions.length > 1 && world.far.sessions.length > 1);
    world.near.last().connection.send(pattern(100, 5));
    await until(world, "a frame", () => world.far.last().frames.length === 1);
  });

  story("a connection that breaks comes up again, where the transport redials", async (world) => {
    if (!world.pair.redials) return;
    world.pair.breakConnections();
    await until(world, "a new connection", () => world.near.sessions.length > 1 && world.far.sessions.length > 1);
    world.far.last().connection.send(pattern(100, 6));
    await until(world, "a frame", () => world.near.last().frames.length === 1);
  });
}
