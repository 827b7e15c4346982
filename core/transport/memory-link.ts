/**
 * One simulated connection: two pipes, one each way. A frame leaves its end when the line has had time for its bytes,
 * and arrives a delay later, never before the frame ahead of it. An end that closes sends its goodbye through the pipe,
 * after the frames; an end that is dropped is noticed a delay later, and what was under way from it is lost.
 */
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import { closeCode, type RawSocket, type RawSocketListener } from "./raw-socket.ts";

export interface MemoryNetworkOptions {
  /** One way; drawn for each frame between the two. Default: 0 and the same. */
  readonly delayMsMin?: number;
  readonly delayMsMax?: number;
  /** Each way. Default: without bound. */
  readonly bytesPerSecond?: number;
}

export interface MemoryLink {
  readonly callerSocket: RawSocket;
  readonly calledSocket: RawSocket;
  /** Knocks at the other end; `answer` gives its listener, or nothing when it does not answer. */
  call(answer: () => RawSocketListener | undefined): void;
  /** Both ends are told that the connection broke. */
  cut(): void;
}

interface LinkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly options: MemoryNetworkOptions;
  readonly caller: RawSocketListener;
  /** Called once, when both ends are through. */
  readonly onEnded: () => void;
}

export function openLink({ clock, random, options, caller, onEnded }: LinkOptions): MemoryLink {
  const there = new Pipe(clock, random, options);
  const back = new Pipe(clock, random, options);
  const callerEnd = new LinkEnd(there);
  const calledEnd = new LinkEnd(back);
  const onEndDone = (): void => {
    if (callerEnd.isDone() && calledEnd.isDone()) onEnded();
  };
  callerEnd.join(calledEnd, caller, onEndDone);
  calledEnd.join(callerEnd, undefined, onEndDone);

  return {
    callerSocket: callerEnd,
    calledSocket: calledEnd,
    call(answer) {
      there.push(0, () => {
        const called = answer();
        if (called === undefined) {
          calledEnd.destroy();
          return;
        }
        calledEnd.join(callerEnd, called, onEndDone);
        back.push(0, () => caller.opened());
        called.opened();
      });
    },
    cut() {
      // Not from within the call: a raw socket's listener is called on its own time.
      there.lose();
      back.lose();
      clock.schedule(0, () => {
        callerEnd.end(closeCode.abnormal);
        calledEnd.end(closeCode.abnormal);
      });
    },
  };
}

class LinkEnd implements RawSocket {
  /** What this end sends goes in here. */
  readonly #pipe: Pipe;
  #other: LinkEnd | undefined;
  #listener: RawSocketListener | undefined;
  #onDone: () => void = () => {};
  #closing = false;
  #done = false;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  join(other: LinkEnd, listener: RawSocketListener | undefined, onDone: () => void): void {
    this.#other = other;
    this.#listener = listener;
    this.#onDone = onDone;
  }

  isDone(): boolean {
    return this.#done;
  }

  send(frame: Uint8Array): void {
    // A real network would not let the two ends share memory either.
    const copy = frame.slice();
    this.#pipe.push(
      copy.length,
      () => this.#other?.arrived(copy),
      () => {
        if (!this.#done) this.#listener?.drained();
      },
    );
  }

  bufferedBytes(): number {
    return this.#pipe.waitingBytes;
  }

  /** The other end answers a goodbye with its own; then both are through. */
  close(code: number): void {
    if (this.#closing || this.#done) return;
    this.#closing = true;
    this.#pipe.push(0, () => this.#other?.goodbye(code));
  }

  destroy(): void {
    if (this.#done) return;
    this.#pipe.lose();
    this.#pipe.push(0, () => this.#other?.end(closeCode.abnormal));
    this.#finish();
  }

  arrived(bytes: Uint8Array): void {
    if (!this.#done) this.#listener?.frame(bytes);
  }

  goodbye(code: number): void {
    this.close(code);
    this.end(code);
  }

  end(code: number): void {
    if (this.#done) return;
    this.#finish();
    this.#listener?.ended(code);
  }

  #finish(): void {
    this.#done = true;
    this.#onDone();
  }
}

/** One direction. Order is kept by the queues: timers only say how many may go, not which. */
class Pipe {
  waitingBytes = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #delayMsMin: number;
  readonly #delayMsSpan: number;
  readonly #bytesPerSecond: number;
  /** When the last byte put in leaves, and when it arrives: the next is later. Fractions of a millisecond count. */
  #leavesAtMs = 0;
  #arrivesAtMs = 0;
  #leaving: { readonly bytes: number; readonly left: () => void }[] = [];
  #arriving: (() => void)[] = [];
  /** Timers of an earlier round find their frames lost. */
  #round = 0;

  constructor(clock: Clock, random: Random, { delayMsMin = 0, delayMsMax, bytesPerSecond }: MemoryNetworkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#delayMsMin = delayMsMin;
    this.#delayMsSpan = Math.max(0, (delayMsMax ?? delayMsMin) - delayMsMin);
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
  }

  push(bytes: number, arrive: () => void, left: () => void = () => {}): void {
    const nowMs = this.#clock.nowMs();
    const delayMs = this.#delayMsMin + (this.#delayMsSpan * this.#random.u32()) / 2 ** 32;
    this.#leavesAtMs = Math.max(nowMs, this.#leavesAtMs) + (bytes * 1000) / this.#bytesPerSecond;
    this.#arrivesAtMs = Math.max(this.#arrivesAtMs, this.#leavesAtMs + delayMs);
    this.waitingBytes += bytes;
    this.#leaving.push({ bytes, left });
    this.#arriving.push(arrive);
    const round = this.#round;
    this.#clock.schedule(Math.ceil(this.#leavesAtMs - nowMs), () => {
      if (round === this.#round) this.#leave();
    });
    this.#clock.schedule(Math.ceil(this.#arrivesAtMs - nowMs), () => {
      if (round === this.#round) this.#arriving.shift()?.();
    });
  }

  /** Everything in it is lost. */
  lose(): void {
    this.#round++;
    this.waitingBytes = 0;
    this.#leaving = [];
    this.#arriving = [];
  }

  #leave(): void {
    const next = this.#leaving.shift();
    if (next === undefined) return;
    this.waitingBytes -= next.bytes;
    next.left();
  }
}
