/**
 * A network in memory: named ends, lines between them with delay and bandwidth, and scissors. Frames are whole and in
 * order, as on every transport; what happens below that (loss, duplicates) belongs to the engine's own simulator.
 * Everything runs on the clock and the random numbers that are passed in, so on a virtual clock a run repeats exactly.
 *
 *   const network = memoryNetwork(clock, random, { delayMsMin: 20, delayMsMax: 40, bytesPerSecond: 1_000_000 });
 *   network.connect("anna", "ben");                  // anna dials ben, and again after each break
 *   openFileSync({ transport: network.transport("anna"), … });
 *   network.cut("anna", "ben");                      // breaks the connection; none comes up until heal
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Accept, Transport } from "../base/transport.ts";
import { FileSyncError } from "../errors.ts";
import { Dialer } from "./dialer.ts";
import { type MemoryLink, type MemoryNetworkOptions, openLink } from "./memory-link.ts";
import type { RawSocket, RawSocketListener } from "./raw-socket.ts";
import { SocketConnection } from "./socket-connection.ts";

export type { MemoryNetworkOptions } from "./memory-link.ts";

export interface MemoryNetwork {
  /** The end of that name, made when it is asked for first. */
  transport(name: string): Transport;
  /** `from` dials `to` while it runs. At most one line in each direction. */
  connect(from: string, to: string): void;
  /** Breaks the connections between the two, and lets none come up. */
  cut(one: string, other: string): void;
  /** Lets them come up again, at once. */
  heal(one: string, other: string): void;
  /** Connections that are up or coming up. */
  openCount(): number;
}

interface Line {
  readonly dialer: Dialer;
  link: MemoryLink | undefined;
}

interface End {
  readonly lines: Map<string, Line>;
  readonly accepted: Set<SocketConnection>;
  /** Set while it runs. */
  accept: Accept | undefined;
  stopWaiters: (() => void)[];
}

export function memoryNetwork(clock: Clock, random: Random, options: MemoryNetworkOptions = {}): MemoryNetwork {
  const ends = new Map<string, End>();
  const cutPairs = new Set<string>();

  const endOf = (name: string): End => {
    const end = ends.get(name) ?? { lines: new Map(), accepted: new Set(), accept: undefined, stopWaiters: [] };
    ends.set(name, end);
    return end;
  };
  const linesBetween = (one: string, other: string): Line[] =>
    [endOf(one).lines.get(other), endOf(other).lines.get(one)].filter((line) => line !== undefined);

  const dial = (from: string, to: string, caller: RawSocketListener): RawSocket => {
    const line = endOf(from).lines.get(to);
    assert(line !== undefined, "only connected ends dial");
    const link = openLink({ clock, random, options, caller, onEnded: () => (line.link = undefined) });
    line.link = link;
    link.call(() => (cutPairs.has(pairKey(from, to)) ? undefined : admit(endOf(to), link, clock)));
    return link.callerSocket;
  };

  return {
    transport: (name) => endTransport(endOf(name)),
    connect(from, to) {
      const end = endOf(from);
      assert(from !== to && !end.lines.has(to), "two different ends that are not connected yet");
      const dialer = new Dialer({ dial: (caller) => dial(from, to, caller), clock, random, reconnect: true });
      end.lines.set(to, { dialer, link: undefined });
      if (end.accept !== undefined) dialer.start(end.accept);
    },
    cut(one, other) {
      cutPairs.add(pairKey(one, other));
      for (const line of linesBetween(one, other)) line.link?.cut();
    },
    heal(one, other) {
      cutPairs.delete(pairKey(one, other));
      for (const line of linesBetween(one, other)) line.dialer.hurry();
    },
    openCount() {
      const lines = [...ends.values()].flatMap((end) => [...end.lines.values()]);
      return lines.filter((line) => line.link !== undefined).length;
    },
  };
}

const pairKey = (one: string, other: string): string => JSON.stringify([one, other].sort());

/** The called end takes the connection when it runs. */
function admit(end: End, link: MemoryLink, clock: Clock): RawSocketListener | undefined {
  if (end.accept === undefined) return undefined;
  const connection: SocketConnection = new SocketConnection({
    role: "responder",
    clock,
    accept: end.accept,
    onEnded: () => {
      end.accepted.delete(connection);
      if (end.accepted.size === 0) for (const resolve of end.stopWaiters.splice(0)) resolve();
    },
  });
  end.accepted.add(connection);
  connection.attach(link.calledSocket);
  return connection;
}

function endTransport(end: End): Transport {
  return {
    async start(accept) {
      if (end.accept !== undefined) {
        throw new FileSyncError("argument_invalid", { detail: "the transport is started already" });
      }
      end.accept = accept;
      for (const { dialer } of end.lines.values()) dialer.start(accept);
    },
    async stop() {
      end.accept = undefined;
      const dialersStopped = [...end.lines.values()].map(({ dialer }) => dialer.stop());
      for (const connection of end.accepted) connection.close();
      if (end.accepted.size > 0) await new Promise<void>((resolve) => end.stopWaiters.push(resolve));
      await Promise.all(dialersStopped);
    },
  };
}
