/**
 * WebSockets in Node: a client and a server on the `ws` package.
 *
 * The server takes connections from anyone who can reach it, a web page in a browser on the same machine included. It
 * proves nothing about who they are: the channel above does (core/channel). What it bounds is what a stranger can cost:
 * the number of connections, the time until a connection is made, the size of a frame, the pieces that it comes in.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../base/clock.ts";
import { type Logger, silentLogger } from "../base/logger.ts";
import type { Accept, Transport } from "../base/transport.ts";
import { FileSyncError } from "../errors.ts";
import { connectionCountMax, handshakeTimeoutMs } from "../limits.ts";
import { SocketConnection } from "./socket-connection.ts";
import { systemClock } from "./system-clock.ts";
import { dialUrls, type WebSocketTransportOptions } from "./web-socket.ts";
import { nodeSocket, wsOptions } from "./web-socket-node-socket.ts";

export type NodeWebSocketTransportOptions = Omit<WebSocketTransportOptions, "WebSocket">;

/** Dials peers, and again whenever a connection is lost. Throws `argument_invalid` for an address that is none. */
export function nodeWebSocketTransport(options: NodeWebSocketTransportOptions): Transport {
  const clock = options.clock ?? systemClock();
  return dialUrls({ ...options, clock }, (url, listener) =>
    nodeSocket({ socket: new WebSocket(url, isLoopback(url) ? loopbackOptions : wsOptions), listener, clock }),
  );
}

/**
 * Frames of a client are masked against proxies on the way that take chosen bytes for requests (RFC 6455, section 10.3).
 * In JavaScript that costs several times as much as all the rest of sending. Within one machine there is no proxy on the
 * way, so the mask is zero there, which both ends skip. Everywhere else it is random, as section 5.3 demands.
 */
const loopbackOptions = { ...wsOptions, generateMask: (mask: Buffer) => void mask.fill(0) };

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

export interface WebSocketServerCommonOptions {
  /** Connections beyond this are refused with HTTP status 503. */
  readonly connectionCountMax?: number;
  /** For tests. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
}

export interface WebSocketOwnServerOptions extends WebSocketServerCommonOptions {
  /** Default: 127.0.0.1, this machine only. */
  readonly host?: string;
  /** Default: 0, any that is free. */
  readonly port?: number;
}

export interface WebSocketSharedServerOptions extends WebSocketServerCommonOptions {
  /** The app's own server, listening or not yet; `stop` leaves it running. */
  readonly server: Server;
  /** Default: every path. Upgrades to other paths are left to the app. */
  readonly path?: string;
}

/** Where a server listens; peers dial `url`. */
export interface WebSocketServerAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

export interface WebSocketServerTransport extends Transport {
  /** Throws `argument_invalid` while it does not listen: it does from when `openFileSync` has resolved. */
  address(): WebSocketServerAddress;
}

/** Takes connections of peers: on a port of its own, or with `server` on the app's HTTP server, beside what it serves. */
export function webSocketServer(
  options: WebSocketOwnServerOptions | WebSocketSharedServerOptions = {},
): WebSocketServerTransport {
  return new ServerTransport(options);
}

class ServerTransport implements WebSocketServerTransport {
  readonly #options: WebSocketServerCommonOptions;
  readonly #server: Server;
  readonly #path: string | undefined;
  /** Unset when the server is the app's. */
  readonly #own: { readonly host: string; port: number } | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #upgrader = new WebSocketServer({ ...wsOptions, noServer: true, clientTracking: false });
  readonly #connections = new Set<SocketConnection>();
  /** Set while it runs. */
  #accept: Accept | undefined;
  #stopWaiters: (() => void)[] = [];

  constructor(options: WebSocketOwnServerOptions | WebSocketSharedServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
    this.#logger = options.logger ?? silentLogger;
    if ("server" in options) {
      this.#server = options.server;
      this.#path = options.path;
    } else {
      this.#own = { host: options.host ?? "127.0.0.1", port: options.port ?? 0 };
      this.#server = ownServer(this.#connectionCountMax());
    }
  }

  async start(accept: Accept): Promise<void> {
    if (this.#accept !== undefined) {
      throw new FileSyncError("argument_invalid", { detail: "the transport is started already" });
    }
    this.#accept = accept;
    this.#server.on("upgrade", this.#onUpgrade);
    this.#server.on("error", this.#onServerError);
    if (this.#own === undefined) return;
    try {
      await listen(this.#server, this.#own);
    } catch (cause) {
      this.#detach();
      throw new FileSyncError("connection_failed", { detail: "the server cannot listen", cause });
    }
    // Stopped and started again it listens where it did: peers know that address.
    this.#own.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#detach();
    const listeningEnded = this.#own === undefined ? Promise.resolve() : endListening(this.#server);
    for (const connection of this.#connections) connection.close();
    if (this.#connections.size > 0) await new Promise<void>((resolve) => this.#stopWaiters.push(resolve));
    await listeningEnded;
  }

  address(): WebSocketServerAddress {
    const address = this.#server.address();
    if (address === null || typeof address === "string") {
      throw new FileSyncError("argument_invalid", { detail: "the server does not listen: openFileSync starts it" });
    }
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    const scheme = "setSecureContext" in this.#server ? "wss" : "ws";
    return { host: address.address, port: address.port, url: `${scheme}://${host}:${address.port}${this.#path ?? ""}` };
  }

  #connectionCountMax(): number {
    return this.#options.connectionCountMax ?? connectionCountMax;
  }

  #detach(): void {
    this.#accept = undefined;
    this.#server.off("upgrade", this.#onUpgrade);
    this.#server.off("error", this.#onServerError);
  }

  readonly #onServerError = (error: Error): void => {
    this.#logger.warn("the server reported an error", { message: error.message });
  };

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const accept = this.#accept;
    if (accept === undefined) return;
    if (this.#path !== undefined && request.url?.split("?", 1)[0] !== this.#path) {
      // Not ours. Somebody must answer it, or the socket stays open for ever.
      if (this.#server.listenerCount("upgrade") === 1) refuseUpgrade(socket, "404 Not Found");
    } else if (this.#connections.size >= this.#connectionCountMax()) {
      this.#logger.warn("connection refused: too many", { count: this.#connections.size });
      refuseUpgrade(socket, "503 Service Unavailable");
    } else {
      this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => this.#admit(webSocket, socket, accept));
    }
  };

  #admit(socket: WebSocket, stream: Duplex, accept: Accept): void {
    const connection: SocketConnection = new SocketConnection({
      role: "responder",
      clock: this.#clock,
      accept,
      onEnded: () => {
        this.#connections.delete(connection);
        if (this.#connections.size === 0) for (const resolve of this.#stopWaiters.splice(0)) resolve();
      },
    });
    this.#connections.add(connection);
    connection.attach(nodeSocket({ socket, stream, listener: connection, clock: this.#clock }));
    connection.opened();
  }
}

/** Answers plain requests with a refusal, and hangs up on who connects and does not ask. */
function ownServer(countMax: number): Server {
  const server = createServer({
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: handshakeTimeoutMs / 2,
  });
  // As many may be in the middle of shaking hands as may be connected.
  server.maxConnections = 2 * countMax;
  server.on("request", (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(426, { connection: "close", upgrade: "websocket" }).end();
  });
  return server;
}

function listen(server: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where.port, where.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Resolves when the last socket is closed: those of connections, too. */
function endListening(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Those that never asked for anything; upgraded ones are not among them.
    server.closeAllConnections();
  });
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.once("finish", () => socket.destroy());
}
