/**
 * A connection between two devices of a world, one pipe each way. It may be slow, narrow, lossy, out of order or cut;
 * everything that it does is drawn from the world's Random, so a run repeats from its seed.
 *
 * A pipe takes messages only while its queue has room, as a host's connection does: what does not fit stays in the engine.
 */
import { assert } from "../../core/base/assert.ts";
import type { Clock } from "../../core/base/clock.ts";
import type { Random } from "../../core/base/random.ts";
import { sendBufferBytesMax } from "../../core/limits.ts";
import { decodeMessage, messageTypes, type Message, type MessageName } from "../../core/sync/messages.ts";
import { below, happens } from "./draw.ts";

export interface LinkOptions {
  /** From the end of sending to the arrival. */
  readonly delayMs: number;
  /** Up to so much on top, drawn for each message; the order stays. */
  readonly jitterMs: number;
  /** 0 to 1: the part of messages that never arrive. */
  readonly loss: number;
  /** 0 to 1: the part that arrives twice. */
  readonly duplication: number;
  /** 0 to 1: the part that is overtaken, by up to `reorderMs`. */
  readonly reordering: number;
  readonly reorderMs: number;
  readonly bytesPerSecond: number;
  /** Above this nothing more is taken. */
  readonly queueBytesMax: number;
}

export const goodLink: LinkOptions = {
  delayMs: 5,
  jitterMs: 0,
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderMs: 100,
  bytesPerSecond: 12_500_000,
  queueBytesMax: sendBufferBytesMax,
};

/** A message that is about to be sent. */
export interface Passing<Party> {
  readonly from: Party;
  readonly to: Party;
  readonly bytes: Uint8Array;
  readonly name: MessageName | "unknown";
  /** Decoded at the first call; undefined when it cannot be. */
  message(): Message | undefined;
}

/** What a tap makes of a message; nothing: it passes as it is. */
export type Verdict = "drop" | { readonly bytes?: Uint8Array; readonly delayMs?: number } | undefined | void;
export type Tap<Party> = (passing: Passing<Party>) => Verdict;

/** What went over a pipe, lost or not. */
export class Traffic {
  messages = 0;
  bytes = 0;
  readonly byName = new Map<MessageName | "unknown", { messages: number; bytes: number }>();

  count(name: MessageName | "unknown", bytes: number): void {
    this.messages++;
    this.bytes += bytes;
    const of = this.byName.get(name) ?? { messages: 0, bytes: 0 };
    of.messages++;
    of.bytes += bytes;
    this.byName.set(name, of);
  }

  messagesOf(name: MessageName): number {
    return this.byName.get(name)?.messages ?? 0;
  }

  bytesOf(name: MessageName): number {
    return this.byName.get(name)?.bytes ?? 0;
  }
}

interface PipeOptions<Party> {
  readonly from: Party;
  readonly to: Party;
  readonly clock: Clock;
  readonly random: Random;
  readonly taps: readonly Tap<Party>[];
  /** Room again. */
  drained(): void;
  arrived(bytes: Uint8Array): void;
}

/** One direction of a link. */
export class Pipe<Party> {
  readonly traffic = new Traffic();
  options: LinkOptions;
  isPartitioned = false;
  readonly #pipe: PipeOptions<Party>;
  #queuedBytes = 0;
  #busyUntilMs = 0;
  #lastArrivalMs = 0;
  /** What was sent before the connection broke does not arrive after it. */
  #connection = 0;

  constructor(pipe: PipeOptions<Party>, options: LinkOptions) {
    this.#pipe = pipe;
    this.options = options;
  }

  get hasRoom(): boolean {
    return this.#queuedBytes < this.options.queueBytesMax;
  }

  reset(): void {
    this.#connection++;
    this.#queuedBytes = 0;
    this.#busyUntilMs = 0;
    this.#lastArrivalMs = 0;
  }

  send(bytes: Uint8Array): void {
    const { clock, from, to, taps, random } = this.#pipe;
    const passing = passingOf(from, to, bytes);
    this.traffic.count(passing.name, bytes.length);
    let sent = bytes;
    let extraMs = 0;
    for (const tap of taps) {
      const verdict = tap(sent === bytes ? passing : passingOf(from, to, sent));
      if (verdict === "drop") return;
      sent = verdict?.bytes ?? sent;
      extraMs += verdict?.delayMs ?? 0;
    }
    const { options } = this;
    const nowMs = clock.nowMs();
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + (1000 * sent.length) / options.bytesPerSecond;
    this.#occupy(sent.length, nowMs);
    if (this.isPartitioned || happens(random, options.loss)) return;
    const copies = happens(random, options.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.#deliver(sent, extraMs);
  }

  #occupy(bytes: number, nowMs: number): void {
    const takesMs = Math.floor(this.#busyUntilMs - nowMs);
    if (takesMs <= 0) return; // through before the clock moves
    this.#queuedBytes += bytes;
    this.#later(takesMs, () => {
      const hadRoom = this.hasRoom;
      this.#queuedBytes -= bytes;
      assert(this.#queuedBytes >= 0, "no more leaves a pipe than went in");
      if (!hadRoom && this.hasRoom) this.#pipe.drained();
    });
  }

  #deliver(bytes: Uint8Array, extraMs: number): void {
    const { options } = this;
    const { clock, random } = this.#pipe;
    const { delayMs, jitterMs, reordering, reorderMs } = options;
    let atMs = Math.ceil(this.#busyUntilMs) + delayMs + below(random, jitterMs + 1) + extraMs;
    if (happens(random, reordering)) atMs += below(random, reorderMs + 1);
    else if (extraMs === 0) {
      atMs = Math.max(atMs, this.#lastArrivalMs);
      this.#lastArrivalMs = atMs;
    }
    this.#later(atMs - clock.nowMs(), () => this.#pipe.arrived(bytes));
  }

  #later(delayMs: number, callback: () => void): void {
    const connection = this.#connection;
    this.#pipe.clock.schedule(delayMs, () => {
      if (connection === this.#connection) callback();
    });
  }
}

const nameOfType = new Map(Object.entries(messageTypes).map(([name, type]) => [type, name as MessageName]));

function passingOf<Party>(from: Party, to: Party, bytes: Uint8Array): Passing<Party> {
  let decoded: ReturnType<typeof decodeMessage> | undefined;
  return {
    from,
    to,
    bytes,
    name: nameOfType.get(bytes[0] ?? 0) ?? "unknown",
    message() {
      decoded ??= decodeMessage(bytes);
      return decoded.ok ? decoded.value : undefined;
    },
  };
}
