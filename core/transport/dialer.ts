/**
 * Dials one target, and again whenever the connection is lost: after a delay that doubles from `reconnectDelayMsMin`
 * to `reconnectDelayMsMax`, half of it drawn at random so that the peers of a server that restarts do not all come
 * back in the same moment. The delay starts over after a connection that lasted, not after one that was merely
 * opened: a server that accepts and hangs up is not dialled four times a second for ever.
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { type Logger, silentLogger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import type { Accept, Transport } from "../base/transport.ts";
import { FileSyncError } from "../errors.ts";
import { handshakeTimeoutMs, reconnectDelayMsMax, reconnectDelayMsMin, reconnectStableMs } from "../limits.ts";
import type { RawSocket, RawSocketListener } from "./raw-socket.ts";
import { SocketConnection } from "./socket-connection.ts";

export interface DialerOptions {
  /** May throw: that counts as a dial that failed. */
  readonly dial: (listener: RawSocketListener) => RawSocket;
  readonly clock: Clock;
  readonly random: Random;
  readonly reconnect: boolean;
  readonly logger?: Logger | undefined;
}

export class Dialer {
  readonly #options: DialerOptions;
  /** Set while it runs. */
  #accept: Accept | undefined;
  #connection: SocketConnection | undefined;
  #dialsFailed = 0;
  /** The one timer: of a dial that takes too long, or until the next dial. */
  #cancelTimer: () => void = () => {};
  #stopWaiters: (() => void)[] = [];

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  start(accept: Accept): void {
    this.#accept = accept;
    this.#dialsFailed = 0;
    if (this.#connection === undefined) this.#dial(accept);
  }

  /** Resolves when nothing is open any more. */
  stop(): Promise<void> {
    this.#accept = undefined;
    this.#cancelTimer();
    this.#connection?.close();
    if (this.#connection === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#stopWaiters.push(resolve));
  }

  /** Dials at once when it would have waited: the network came back. */
  hurry(): void {
    if (this.#accept === undefined || this.#connection !== undefined || !this.#options.reconnect) return;
    this.#cancelTimer();
    this.#dial(this.#accept);
  }

  #dial(accept: Accept): void {
    const { clock } = this.#options;
    let openedAtMs: number | undefined;
    const connection = new SocketConnection({
      role: "initiator",
      clock,
      accept: (opened) => {
        openedAtMs = clock.nowMs();
        this.#cancelTimer();
        return accept(opened);
      },
      onEnded: (error) => {
        const lasted = openedAtMs !== undefined && clock.nowMs() - openedAtMs >= reconnectStableMs;
        this.#ended(lasted, error);
      },
    });
    this.#connection = connection;
    this.#cancelTimer = clock.schedule(handshakeTimeoutMs, () => connection.abort());
    try {
      connection.attach(this.#options.dial(connection));
    } catch (cause) {
      connection.abort(cause);
    }
  }

  #ended(lasted: boolean, error: FileSyncError | undefined): void {
    this.#cancelTimer();
    this.#connection = undefined;
    for (const resolve of this.#stopWaiters.splice(0)) resolve();
    const accept = this.#accept;
    if (accept === undefined || !this.#options.reconnect) return;
    if (lasted) this.#dialsFailed = 0;
    const delayMs = reconnectDelayMs(this.#dialsFailed, this.#options.random);
    this.#dialsFailed++;
    (this.#options.logger ?? silentLogger).info("no connection, dialling again", { code: error?.code, delayMs });
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => this.#dial(accept));
  }
}

/** Half of it fixed, half of it drawn. */
export function reconnectDelayMs(dialsFailed: number, random: Random): number {
  const delayMs = Math.min(reconnectDelayMsMax, reconnectDelayMsMin * 2 ** dialsFailed);
  return Math.round((delayMs / 2) * (1 + random.u32() / 2 ** 32));
}

/** A transport that only dials. `onRunning` is called with true when it starts, with false when it stops. */
export function dialingTransport(dialers: readonly Dialer[], onRunning: (running: boolean) => void): Transport {
  let running = false;
  return {
    async start(accept) {
      if (running) throw new FileSyncError("argument_invalid", { detail: "the transport is started already" });
      assert(dialers.length > 0, "there is something to dial");
      running = true;
      onRunning(true);
      for (const dialer of dialers) dialer.start(accept);
    },
    async stop() {
      running = false;
      onRunning(false);
      await Promise.all(dialers.map((dialer) => dialer.stop()));
    },
  };
}
