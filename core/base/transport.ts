/**
 * The seam to the network: connections that carry whole frames, in order, and tell when they break. Drivers are in
 * core/transport; each passes the conformance suite there. A transport that does not authenticate the other end
 * leaves `remotePeer` unset, and the host wraps the connection in a channel (core/channel).
 */
import type { FileSyncError } from "../errors.ts";
import type { PeerId } from "./ids.ts";

export interface Connection {
  /** Who dialled is the initiator of the channel's handshake. */
  readonly role: "initiator" | "responder";
  /** Set by transports that prove who the other end is. */
  readonly remotePeer?: PeerId;
  /**
   * Takes one frame of at most `frameBytesMax`, and its bytes with it: they go to the network without a copy, so the
   * caller does not touch them again. Nothing happens after `close` and after the connection broke.
   */
  send(frame: Uint8Array): void;
  /** Bytes taken but not yet handed to the network. */
  bufferedBytes(): number;
  /** Sends what is buffered, then ends; nothing is received any more. Calling it twice is the same as once. */
  close(): void;
}

export interface ConnectionListener {
  /** One whole frame, empty ones too. The bytes are good until this returns: the listener copies what it keeps. */
  received(frame: Uint8Array): void;
  /** Buffered bytes went down; more can be sent. May be called without need. */
  drained(): void;
  /** Called once, last. `error` is unset when either side closed in order. */
  closed(error?: FileSyncError): void;
}

export type Accept = (connection: Connection) => ConnectionListener;

export interface Transport {
  /** Begins to dial or listen; `accept` is called for each connection that is up, before any of its frames. */
  start(accept: Accept): Promise<void>;
  /** Closes every connection and stops dialling or listening; resolves when nothing is open. May be started again. */
  stop(): Promise<void>;
}
