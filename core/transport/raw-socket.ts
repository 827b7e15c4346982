/**
 * The seam below a connection: what a browser's WebSocket, one of the `ws` package and the simulated network have in
 * common. All that they share (states, closing, limits, whose error it is, dialling again) is written once above it,
 * in socket-connection.ts and dialer.ts; an adapter only translates.
 */

export interface RawSocket {
  /** Takes the bytes over: nobody else changes them afterwards. */
  send(frame: Uint8Array): void;
  bufferedBytes(): number;
  /** Sends what is buffered, then a goodbye with that code; `ended` follows when the other side has answered. */
  close(code: number): void;
  /** Drops everything now. `ended` may follow, or not. */
  destroy(): void;
}

/** None of these is called from within a method of the socket, nor before the adapter has returned it. */
export interface RawSocketListener {
  opened(): void;
  /** The bytes are good until it returns. */
  frame(bytes: Uint8Array): void;
  /** Something that is no binary frame. */
  foreign(): void;
  drained(): void;
  /** Last. `code` is one of WebSocket's (RFC 6455, section 7.4.1). */
  ended(code: number, cause?: unknown): void;
}

/** Close codes of RFC 6455, section 7.4.1, that mean something to us. */
export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  /** Never on the wire: the other side closed in order and gave no code. */
  noStatus: 1005,
  /** Never on the wire: there was no goodbye. */
  abnormal: 1006,
  messageTooBig: 1009,
} as const;

/** A page may give no code below 3000 but 1000 (WebSockets Standard, section 3.1): it gives ours with this added. */
export const pageCodeOffset = 3000;
