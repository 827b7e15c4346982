/**
 * WebSockets as browsers have them (WHATWG WebSockets Standard, section 3). Works wherever there is such a constructor;
 * in Node use `nodeWebSocketTransport`, which copies less and finds dead peers.
 *
 * A browser does not tell when its buffer goes down, so it is looked at: when a frame comes in, and by a short timer
 * that exists only while bytes are waiting. It does not let us ping either: the server does.
 */
import { releaseBytes } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { type Random, systemRandom } from "../base/random.ts";
import type { Transport } from "../base/transport.ts";
import { FileSyncError } from "../errors.ts";
import { drainPollIntervalMs } from "../limits.ts";
import { Dialer, dialingTransport } from "./dialer.ts";
import { closeCode, pageCodeOffset, type RawSocket, type RawSocketListener } from "./raw-socket.ts";
import { systemClock } from "./system-clock.ts";

/** What a transport that dials takes. */
export interface WebSocketTransportOptions {
  /** `ws:` or `wss:` addresses; each is dialled, and again whenever its connection is lost. */
  readonly connect: string | readonly string[];
  /** Default: the platform's own. */
  readonly WebSocket?: WebSocketConstructor;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests. */
  readonly random?: Random;
  /** Whether a lost connection is dialled again. Default: true. */
  readonly reconnect?: boolean;
  /** Default: silent. */
  readonly logger?: Logger;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** What we use of a WebSocket. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  close(code?: number): void;
  addEventListener(type: "open" | "message" | "error" | "close", listener: (event: never) => void): void;
}

/** Dials peers with the platform's WebSocket. Throws `argument_invalid` for an address that is none, and where there is no WebSocket. */
export function webSocketTransport(options: WebSocketTransportOptions): Transport {
  const constructor = options.WebSocket ?? (globalThis.WebSocket as WebSocketConstructor | undefined);
  if (constructor === undefined) {
    throw new FileSyncError("argument_invalid", { detail: "WebSocket: this platform has none, so one is needed here" });
  }
  const clock = options.clock ?? systemClock();
  return dialUrls({ ...options, clock }, (url, listener) => platformSocket(new constructor(url), listener, clock));
}

/** The options and the rules of dialling, shared with the client on `ws`. */
export function dialUrls(
  options: WebSocketTransportOptions,
  dial: (url: string, listener: RawSocketListener) => RawSocket,
): Transport {
  const urls = typeof options?.connect === "string" ? [options.connect] : (options?.connect ?? []);
  if (urls.length === 0) throw new FileSyncError("argument_invalid", { detail: "connect: no address" });
  for (const url of urls) checkUrl(url);
  const clock = options.clock ?? systemClock();
  const random = options.random ?? systemRandom();
  const { reconnect = true, logger } = options;
  const dialers = urls.map(
    (url) => new Dialer({ dial: (listener) => dial(url, listener), clock, random, reconnect, logger }),
  );
  const hurry = (): void => dialers.forEach((dialer) => dialer.hurry());
  return dialingTransport(dialers, (running) => watchOnline(running, hurry));
}

function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") || parsed.hash !== "") {
    throw new FileSyncError("argument_invalid", { detail: "connect: not a ws: or wss: address" });
  }
}

/** Pages and workers have the `online` event; Node has neither the event nor the function. */
function watchOnline(running: boolean, hurry: () => void): void {
  const platform = globalThis as Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>;
  if (running) platform.addEventListener?.("online", hurry);
  else platform.removeEventListener?.("online", hurry);
}

function platformSocket(socket: WebSocketLike, listener: RawSocketListener, clock: Clock): RawSocket {
  let cancelPoll: (() => void) | undefined;
  let bytesSeen = 0;

  const lookAtBuffer = (): void => {
    const bytesBefore = bytesSeen;
    bytesSeen = socket.bufferedAmount;
    // Last: the listener sends more, and that counts on what was seen.
    if (bytesSeen < bytesBefore) listener.drained();
  };
  const poll = (): void => {
    cancelPoll = undefined;
    lookAtBuffer();
    pollWhileWaiting();
  };
  const pollWhileWaiting = (): void => {
    bytesSeen = Math.max(bytesSeen, socket.bufferedAmount);
    if (bytesSeen > 0) cancelPoll ??= clock.schedule(drainPollIntervalMs, poll);
  };
  const stopPolling = (): void => {
    cancelPoll?.();
    cancelPoll = undefined;
  };

  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => listener.opened());
  socket.addEventListener("message", ({ data }: { readonly data: unknown }) => {
    if (data instanceof ArrayBuffer) {
      const frame = new Uint8Array(data);
      listener.frame(frame);
      releaseBytes(frame);
    } else {
      listener.foreign();
    }
    if (cancelPoll !== undefined) lookAtBuffer();
  });
  // Says nothing (by design of browsers: it would tell pages about networks); `close` follows. But unheard it throws in `ws`.
  socket.addEventListener("error", () => {});
  socket.addEventListener("close", ({ code }: { readonly code: number }) => {
    stopPolling();
    listener.ended(code);
  });

  return {
    send(frame) {
      socket.send(frame);
      pollWhileWaiting();
    },
    bufferedBytes: () => socket.bufferedAmount,
    close: (code) => socket.close(code === closeCode.normal ? code : code + pageCodeOffset),
    destroy() {
      stopPolling();
      socket.close();
    },
  };
}
