/**
 * One connection with a peer at its other end: the channel's handshake where the transport does not authenticate, then
 * frames of messages. What goes wrong ends the connection and is told once, by name.
 */
import type { Clock } from "../base/clock.ts";
import type { Identity } from "../base/identity.ts";
import type { PeerId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import type { Connection, ConnectionListener } from "../base/transport.ts";
import { releaseBytes } from "../base/bytes.ts";
import { Channel } from "../channel/index.ts";
import { FileSyncError } from "../errors.ts";
import { frameBytesMax, handshakeTimeoutMs, sendBufferBytesMax } from "../limits.ts";
import { unpackFrame, type FramePacker } from "./frame.ts";

export interface LinkOwner {
  readonly identity: Identity;
  readonly random: Random;
  readonly clock: Clock;
  /** One for all links, since one sends at a time. */
  readonly packer: FramePacker;
  isMember(peer: PeerId): boolean;
  linkOpened(link: Link, peer: PeerId): void;
  linkReceived(link: Link, peer: PeerId, messages: readonly Uint8Array[]): void;
  linkDrained(link: Link): void;
  /** Called once, opened or not. */
  linkClosed(link: Link, error: FileSyncError | undefined): void;
}

export class Link implements ConnectionListener {
  readonly #owner: LinkOwner;
  readonly #connection: Connection;
  readonly #channel: Channel | undefined;
  #peer: PeerId | undefined;
  #isClosed = false;
  #cancelTimeout: () => void;

  constructor(owner: LinkOwner, connection: Connection) {
    this.#owner = owner;
    this.#connection = connection;
    const { identity, random } = owner;
    const authorize = (peer: PeerId): boolean => owner.isMember(peer);
    this.#channel =
      connection.remotePeer === undefined
        ? new Channel({ role: connection.role, identity, random, authorize })
        : undefined;
    this.#cancelTimeout = owner.clock.schedule(handshakeTimeoutMs, () => {
      if (this.#peer === undefined) this.#fail(new FileSyncError("handshake_timeout"));
    });
  }

  /** After construction, once the owner knows the link. */
  begin(): void {
    if (this.#channel === undefined) {
      const peer = this.#connection.remotePeer as PeerId;
      if (this.#owner.isMember(peer)) this.#open(peer);
      else this.#fail(new FileSyncError("not_member"));
      return;
    }
    const first = this.#channel.start();
    if (first !== undefined) this.#connection.send(first);
  }

  get hasRoom(): boolean {
    return this.#peer !== undefined && !this.#isClosed && this.#connection.bufferedBytes() < sendBufferBytesMax;
  }

  /** Sends messages for as long as there are any and there is room; several to a frame of up to `frameBytes`. */
  sendAll(next: () => Uint8Array | undefined, frameBytes: number): void {
    const { packer } = this.#owner;
    packer.clear();
    while (this.hasRoom) {
      let message = next();
      if (message === undefined) break;
      if (!packer.add(message, frameBytes)) {
        this.#sendFrame();
        packer.add(message, frameBytesMax);
      }
      // A full frame leaves at once; what is left over leaves at the end.
      for (message = next(); message !== undefined && packer.add(message, frameBytes); ) message = next();
      this.#sendFrame();
      // It may be longer than the frames of what was next when this began.
      if (message !== undefined) packer.add(message, frameBytesMax);
    }
    if (!packer.isEmpty) this.#sendFrame();
  }

  received(frame: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#channel === undefined) return this.#deliver(frame);
    const result = this.#channel.handleFrame(frame);
    if (!result.ok) return this.#fail(result.error);
    for (const outgoing of result.value.outgoing) this.#connection.send(outgoing);
    if (result.value.opened && this.#channel.remotePeer !== undefined) this.#open(this.#channel.remotePeer);
    const { plain } = result.value;
    if (plain !== undefined) {
      this.#deliver(plain);
      releaseBytes(plain);
    }
    if (this.#channel.state === "finished_there") this.close();
  }

  drained(): void {
    if (!this.#isClosed) this.#owner.linkDrained(this);
  }

  closed(error?: FileSyncError): void {
    const ended = this.#channel?.handleEnd();
    this.#end(error ?? (ended?.ok === false && ended.error.code !== "channel_closed" ? ended.error : undefined));
  }

  /** Ends in order: the other side sees that nothing was cut off. */
  close(): void {
    if (this.#isClosed) return;
    const { state } = this.#channel ?? {};
    if (state === "open" || state === "finished_there") this.#connection.send((this.#channel as Channel).finish());
    this.#end(undefined);
    this.#connection.close();
  }

  #open(peer: PeerId): void {
    this.#peer = peer;
    this.#cancelTimeout();
    this.#owner.linkOpened(this, peer);
  }

  #deliver(plain: Uint8Array): void {
    const messages = unpackFrame(plain);
    if (!messages.ok) return this.#fail(messages.error);
    if (this.#peer !== undefined) this.#owner.linkReceived(this, this.#peer, messages.value);
  }

  #sendFrame(): void {
    const plain = this.#owner.packer.take();
    if (this.#isClosed || plain.length === 0) return;
    this.#connection.send(this.#channel === undefined ? plain.slice() : this.#channel.seal(plain));
  }

  /** Without a word to the other side: it may be a stranger. */
  #fail(error: FileSyncError): void {
    this.#end(error);
    this.#connection.close();
  }

  #end(error: FileSyncError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimeout();
    this.#owner.linkClosed(this, error);
  }
}
