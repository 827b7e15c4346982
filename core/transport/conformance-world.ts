/**
 * What the suite of all transports stands on: the pair under test, what its two ends saw, and checks that need no test
 * framework.
 */
import type { Connection, ConnectionListener, Transport } from "../base/transport.ts";
import type { FileSyncError } from "../errors.ts";

export interface TransportPair {
  /** Takes connections; started first. */
  readonly responder: Transport;
  /** Made after the responder was started, so that its address is known; dials the responder. */
  initiator(): Transport;
  /** Lets so much time pass: really, or on a virtual clock. */
  pass(ms: number): Promise<void>;
  /** Breaks what is up between the two without a goodbye. */
  breakConnections(): void;
  /** Whether the initiator dials again by itself. */
  readonly redials: boolean;
  /** Sockets and timers that are open; 0 before the start and after the stop. Left out where nobody can tell. */
  openCount?(): number | Promise<number>;
  /** Gives back what the pair itself needed. */
  end(): Promise<void>;
}

/** A step of waiting, and how many of them: 10 s, as machines in a hurry with other things need. */
const stepMs = 5;
const stepsMax = 2000;

// ---- The two ends of a test, and what they saw

export interface Session {
  readonly connection: Connection;
  readonly frames: Uint8Array[];
  drainedCount: number;
  closedCount: number;
  error: FileSyncError | undefined;
}

export class Recorder {
  readonly sessions: Session[] = [];
  onDrained: () => void = () => {};

  readonly accept = (connection: Connection): ConnectionListener => {
    const session: Session = { connection, frames: [], drainedCount: 0, closedCount: 0, error: undefined };
    this.sessions.push(session);
    return {
      received: (frame) => {
        check(session.closedCount === 0, "nothing is received after closed");
        session.frames.push(frame.slice());
      },
      drained: () => {
        session.drainedCount++;
        this.onDrained();
      },
      closed: (error) => {
        session.closedCount++;
        session.error = error;
      },
    };
  };

  last(): Session {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("there was no connection");
    return session;
  }

  bytes(): number {
    return total(this.last().frames);
  }
}

export interface World {
  readonly pair: TransportPair;
  readonly initiator: Transport;
  readonly near: Recorder;
  readonly far: Recorder;
}

export async function openWorld(pair: TransportPair): Promise<World> {
  const near = new Recorder();
  const far = new Recorder();
  await pair.responder.start(far.accept);
  const world = { pair, initiator: pair.initiator(), near, far };
  try {
    await world.initiator.start(near.accept);
    await until(world, "a connection", () => near.sessions.length > 0 && far.sessions.length > 0);
  } catch (error) {
    // What is left open would keep the whole run from ending.
    await closeWorld(world);
    throw error;
  }
  return world;
}

export async function closeWorld(world: World): Promise<void> {
  await settle(world, world.initiator.stop());
  await settle(world, world.pair.responder.stop());
  await world.pair.end();
}

export async function until(world: World, what: string, condition: () => boolean): Promise<void> {
  for (let step = 0; step < stepsMax && !condition(); step++) await world.pair.pass(stepMs);
  check(condition(), `waited in vain for ${what}`);
}

/** Waits for a promise while time passes: on a virtual clock it would not settle otherwise. */
export async function settle(world: World, promise: Promise<void>): Promise<void> {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  await Promise.race([watched, until(world, "a promise", () => settled)]);
  await watched;
}

export async function nothingOpen(world: World): Promise<void> {
  const { openCount } = world.pair;
  if (openCount === undefined) return;
  // What is closed may take a turn of the event loop to be gone.
  for (let step = 0; step < stepsMax && (await openCount()) !== 0; step++) await world.pair.pass(stepMs);
  equal(await openCount(), 0, "what is open after both ends have stopped");
}

export function pattern(bytes: number, seed: number): Uint8Array {
  const frame = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) frame[i] = (i * 31 + (i >>> 8) * 17 + seed * 101) & 0xff;
  return frame;
}

export const total = (frames: readonly Uint8Array[]): number =>
  frames.reduce((bytes, frame) => bytes + frame.length, 0);

// ---- Checks, without a test framework

export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`transport conformance: ${what}`);
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  check(actual === expected, `${what} is ${String(actual)}, not ${String(expected)}`);
}

export function equalBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  check(actual instanceof Uint8Array && actual.length === expected.length, `${what}: wrong length ${actual.length}`);
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  check(at < 0, `${what}: wrong byte at ${at}`);
}

export function throws(run: () => void, what: string): void {
  let thrown = false;
  try {
    run();
  } catch {
    thrown = true;
  }
  check(thrown, `${what} was taken`);
}
