/**
 * A connection over a raw socket, the same for every driver.
 *
 *   dialling --opened--> open --close, or a frame that breaks the rules--> closing --ended--> ended
 *
 * The listener hears `closed` once, at the end, whatever way the socket takes there. Closing is bounded by our own
 * timer, since neither a browser nor a peer can be trusted to be quick about a goodbye: as long as buffered bytes
 * leave it may go on, else the socket is dropped.
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Accept, Connection, ConnectionListener } from "../base/transport.ts";
import { FileSyncError } from "../errors.ts";
import { closeDurationMsMax, closeTimeoutMs, frameBytesMax } from "../limits.ts";
import { closeCode, pageCodeOffset, type RawSocket, type RawSocketListener } from "./raw-socket.ts";

const closeStepsMax = closeDurationMsMax / closeTimeoutMs;

export interface SocketConnectionOptions {
  readonly role: Connection["role"];
  readonly clock: Clock;
  readonly accept: Accept;
  /** The owner's bookkeeping, before the listener hears of it. `error` is unset when the end was in order. */
  readonly onEnded: (error: FileSyncError | undefined) => void;
}

export class SocketConnection implements Connection, RawSocketListener {
  readonly role: Connection["role"];
  readonly #options: SocketConnectionOptions;
  #socket: RawSocket | undefined;
  #listener: ConnectionListener | undefined;
  #state: "dialling" | "open" | "closing" | "ended" = "dialling";
  /** Why we closed, when it was the other side's fault; at the end, why it ended. */
  #error: FileSyncError | undefined;
  #cancelCloseTimer: () => void = () => {};

  constructor(options: SocketConnectionOptions) {
    this.role = options.role;
    this.#options = options;
  }

  attach(socket: RawSocket): void {
    this.#socket = socket;
  }

  isOpen(): boolean {
    return this.#state === "open";
  }

  // ---- Connection: what the host calls

  send(frame: Uint8Array): void {
    assert(frame.length <= frameBytesMax, "a frame is at most frameBytesMax");
    if (this.#state === "open") this.#socket?.send(frame);
  }

  bufferedBytes(): number {
    return this.#state === "ended" ? 0 : (this.#socket?.bufferedBytes() ?? 0);
  }

  close(): void {
    if (this.#state === "dialling") this.abort();
    else if (this.#state === "open") this.#beginClosing(closeCode.normal);
  }

  /** Drops the socket, now. */
  abort(cause?: unknown): void {
    if (this.#state === "ended") return;
    this.#socket?.destroy();
    this.ended(closeCode.abnormal, cause);
  }

  // ---- RawSocketListener: what the socket calls

  opened(): void {
    if (this.#state !== "dialling") return;
    this.#state = "open";
    const listener = this.#options.accept(this);
    this.#listener = listener;
    // The host may have dropped the connection while it accepted it.
    if (this.#hasEnded()) listener.closed(this.#error);
  }

  frame(bytes: Uint8Array): void {
    if (this.#state !== "open") return;
    if (bytes.length > frameBytesMax) {
      this.#error = new FileSyncError("frame_too_large", { detail: `${bytes.length} bytes` });
      this.#beginClosing(closeCode.messageTooBig);
    } else {
      this.#listener?.received(bytes);
    }
  }

  foreign(): void {
    if (this.#state !== "open") return;
    this.#error = new FileSyncError("channel_frame_invalid", { detail: "a text frame" });
    this.#beginClosing(closeCode.unsupportedData);
  }

  drained(): void {
    if (this.#state === "open") this.#listener?.drained();
  }

  ended(code: number, cause?: unknown): void {
    if (this.#state === "ended") return;
    // After our own goodbye it does not matter any more how the other side hangs up.
    if (this.#state !== "closing") this.#error = errorOfCloseCode(code, cause);
    this.#state = "ended";
    this.#cancelCloseTimer();
    this.#options.onEnded(this.#error);
    this.#listener?.closed(this.#error);
  }

  // ---- Helpers

  #beginClosing(code: number): void {
    this.#state = "closing";
    this.#socket?.close(code);
    this.#watchClosing(1);
  }

  #watchClosing(step: number): void {
    const bytesBefore = this.bufferedBytes();
    this.#cancelCloseTimer = this.#options.clock.schedule(closeTimeoutMs, () => {
      if (this.bufferedBytes() < bytesBefore && step < closeStepsMax) this.#watchClosing(step + 1);
      else this.abort();
    });
  }

  #hasEnded(): boolean {
    return this.#state === "ended";
  }
}

function errorOfCloseCode(code: number, cause: unknown): FileSyncError | undefined {
  switch (code) {
    case closeCode.normal:
    case closeCode.goingAway:
    case closeCode.noStatus:
      return undefined;
    case closeCode.messageTooBig:
    case closeCode.messageTooBig + pageCodeOffset:
      return new FileSyncError("frame_too_large", { cause });
    default:
      return new FileSyncError("connection_failed", { detail: `close code ${code}`, cause });
  }
}
