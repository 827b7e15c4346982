/**
 * One socket of the `ws` package as a raw socket. It tells when each frame has left (so nobody polls), hands frames on
 * without a copy, and is pinged: a peer that lost power or its network says no goodbye.
 *
 * The memory of a frame: `ws` gives either a part of what one read of the network brought or a buffer made for the
 * frame. The latter is given back as soon as the frame was handled, that of a frame that was sent when it has left, and
 * that of the reads as SpentReads says.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { releaseBytes } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import {
  frameBytesMax,
  framePiecesMax,
  heartbeatIntervalMs,
  heartbeatMissesMax,
  sendBufferBytesMax,
  takingTurnMs,
} from "../limits.ts";
import { closeCode, type RawSocket, type RawSocketListener } from "./raw-socket.ts";
import { SpentReads } from "./web-socket-node-reads.ts";

/** For both ends. Compression would burn time on ciphertext, and lets a peer send a little that becomes a lot. */
export const wsOptions = {
  maxPayload: frameBytesMax,
  maxFragments: framePiecesMax,
  maxBufferedChunks: framePiecesMax,
  perMessageDeflate: false,
  // Also what makes a read spent when `ws` returns.
  allowSynchronousEvents: true,
} as const;

export interface NodeSocketOptions {
  readonly socket: WebSocket;
  readonly listener: RawSocketListener;
  readonly clock: Clock;
  /** What a server's socket reads from; a client's comes with its answer. */
  readonly stream?: Duplex;
}

export function nodeSocket({ socket, listener, clock, stream }: NodeSocketOptions): RawSocket {
  let failure: unknown;
  const heartbeat = startHeartbeat(socket, clock);
  let waiting = false;
  const taking = new TakingTurn(socket, clock);
  // A fast system takes all that is sent, and nothing else would have its turn.
  const handedOver = new Turn((bytes) => {
    if (bytes >= sendBufferBytesMax) listener.drained();
  });
  // Always later than `send`: `ws` and net call back in another tick.
  const sent = (error?: Error | null): void => {
    if (error) return;
    // That the system took bytes at once proves nothing. That it has room again does: the other side took some.
    if (waiting) heartbeat.heard();
    waiting = false;
    listener.drained();
  };

  giveBackReads(socket, stream);
  socket.on("open", () => {
    heartbeat.start();
    listener.opened();
  });
  socket.on("message", (data, isBinary) => {
    heartbeat.heard();
    taking.begin();
    if (isBinary && data instanceof Uint8Array) {
      const frame = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      listener.frame(frame);
      releaseBytes(frame);
    } else {
      listener.foreign();
    }
    taking.end();
  });
  socket.on("pong", () => heartbeat.heard());
  socket.on("ping", () => heartbeat.heard());
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", (code) => {
    heartbeat.stop();
    listener.ended(isTooLarge(failure) ? closeCode.messageTooBig : code, failure);
  });
  if (stream !== undefined) heartbeat.start();

  return {
    send(frame) {
      handedOver.count(frame.length);
      socket.send(frame, (error) => {
        releaseBytes(frame);
        sent(error);
      });
      if (socket.bufferedAmount > 0) waiting = true;
    },
    // What the system took at once counts until the next turn: nobody would ever have to wait.
    bufferedBytes: () => Math.max(socket.bufferedAmount, handedOver.bytes),
    close: (code) => socket.close(code),
    destroy: () => socket.terminate(),
  };
}

function giveBackReads(socket: WebSocket, stream: Duplex | undefined): void {
  const reads = new SpentReads();
  if (stream !== undefined) return reads.watch(stream);
  let answered: Duplex | undefined;
  socket.on("upgrade", (response: IncomingMessage) => {
    answered = response.socket;
  });
  socket.on("open", () => {
    if (answered !== undefined) reads.watch(answered);
  });
}

/** Counts the bytes of one turn of the event loop, and tells how many it were when it is over. */
class Turn {
  bytes = 0;
  readonly #over: (bytes: number) => void;

  constructor(over: (bytes: number) => void) {
    this.#over = over;
  }

  count(bytes: number): void {
    if (this.bytes === 0 && bytes > 0) setImmediate(() => this.#end());
    this.bytes += bytes;
  }

  #end(): void {
    const { bytes } = this;
    this.bytes = 0;
    this.#over(bytes);
  }
}

/**
 * Node reads one socket up to 32 times before anything else has its turn. When what came in this turn took long enough,
 * the socket waits for the next.
 */
class TakingTurn {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #begunAtMs: number | undefined;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  begin(): void {
    if (this.#begunAtMs !== undefined) return;
    this.#begunAtMs = this.#clock.nowMs();
    setImmediate(() => {
      this.#begunAtMs = undefined;
      if (this.#socket.isPaused) this.#socket.resume();
    });
  }

  end(): void {
    if (this.#begunAtMs !== undefined && this.#clock.nowMs() - this.#begunAtMs >= takingTurnMs) this.#socket.pause();
  }
}

function isTooLarge(failure: unknown): boolean {
  return failure instanceof Error && "code" in failure && failure.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
}

interface Heartbeat {
  start(): void;
  /** A sign of life. */
  heard(): void;
  stop(): void;
}

/** Dead is who gives no sign of life for `heartbeatMissesMax` pings. */
function startHeartbeat(socket: WebSocket, clock: Clock): Heartbeat {
  let misses = 0;
  let cancelTimer: () => void = () => {};

  const beat = (): void => {
    if (misses >= heartbeatMissesMax) {
      socket.terminate();
      return;
    }
    misses++;
    socket.ping();
    cancelTimer = clock.schedule(heartbeatIntervalMs, beat);
  };
  return {
    start() {
      cancelTimer = clock.schedule(heartbeatIntervalMs, beat);
    },
    heard() {
      misses = 0;
    },
    stop: () => cancelTimer(),
  };
}
