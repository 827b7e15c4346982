/**
 * A connection of two peers in one process with nothing in between: what one sends the other receives in the next turn
 * of the event loop. The library's own network in memory has a timer for each frame, whose millisecond would be measured.
 * Unless told to, it does not say who the other end is, so the secure channel is on as it is over a WebSocket.
 */
import type { Accept, Connection, ConnectionListener, PeerId, Transport } from "../../../core/index.ts";

/** With the two members' ids each end says who the other one is: no channel then. */
export function directLink(members: readonly PeerId[] = []): readonly [Transport, Transport] {
  const ends = [new End("initiator", members[1]), new End("responder", members[0])] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

class End implements Transport, Connection {
  readonly role: Connection["role"];
  readonly remotePeer?: PeerId;
  /** Itself until the two are joined. */
  other: End = this;
  #accept: Accept | undefined;
  #listener: ConnectionListener | undefined;
  /** Frames on their way to this end. */
  #arriving: Uint8Array[] = [];
  #arrivingBytes = 0;
  #isEnded = false;

  constructor(role: Connection["role"], remotePeer: PeerId | undefined) {
    this.role = role;
    if (remotePeer !== undefined) this.remotePeer = remotePeer;
  }

  async start(accept: Accept): Promise<void> {
    this.#accept = accept;
    if (this.other.#accept === undefined) return;
    // Both are there: the one that answers is up first, so that nothing reaches it before.
    const [called, caller] = this.role === "responder" ? [this, this.other] : [this.other, this];
    setImmediate(() => {
      called.#listener = called.#accept?.(called);
      caller.#listener = caller.#accept?.(caller);
    });
  }

  async stop(): Promise<void> {
    this.close();
  }

  send(frame: Uint8Array): void {
    if (!this.#isEnded) this.other.#take(frame);
  }

  bufferedBytes(): number {
    return this.other.#arrivingBytes;
  }

  close(): void {
    if (this.#isEnded) return;
    setImmediate(() => {
      this.#end();
      this.other.#end();
    });
  }

  #take(frame: Uint8Array): void {
    if (this.#arriving.length === 0) setImmediate(() => this.#deliver());
    this.#arriving.push(frame);
    this.#arrivingBytes += frame.length;
  }

  #deliver(): void {
    const frames = this.#arriving;
    this.#arriving = [];
    this.#arrivingBytes = 0;
    for (const frame of frames) if (!this.#isEnded) this.#listener?.received(frame);
    this.other.#listener?.drained();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#listener?.closed();
  }
}
