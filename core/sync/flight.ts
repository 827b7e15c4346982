/**
 * How much may be asked of a peer at once. It starts small, grows by what is answered while answers come in time, gives
 * back an eighth a round trip when they queue, and halves when one never comes. On a 1 ms loopback it reaches what the machine can
 * do, on a 300 ms link what the link can hold; in between a queue of about one round trip keeps the link busy.
 *
 * A single lost message is not congestion (the transports that there are repeat what they lose): it is asked again at
 * once and costs no room. Silence is.
 */
import {
  answerInTimeFactor,
  answerInTimeSlackMsMax,
  answerInTimeSlackMsMin,
  askAheadParts,
  askBytesNear,
  inFlightBytesInitial,
  inFlightBytesMax,
  inFlightBytesMin,
  inFlightBytesNear,
  nearMsMax,
  pathBytesPerMs,
  requestTimeoutMsInitial,
  requestTimeoutMsMax,
  requestTimeoutMsMin,
} from "../limits.ts";

/** Between in time and this late the flight stays as it is; later ones shrink it: what it adds only queues. */
const lateFactor = 1.5;

export class Flight {
  #limitBytes = inFlightBytesInitial;
  #inFlightBytes = 0;
  /** Of the last request. */
  #askedBytes = 0;
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #fastestMs = Number.POSITIVE_INFINITY;
  #backoff = 1;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  /** On a short path at least two requests, however long: with one, each side would wait while the other works. */
  get limitBytes(): number {
    const path = this.#pathBytes;
    return this.#limitBytes < path
      ? this.#limitBytes
      : Math.max(path, Math.min(inFlightBytesMax, 2 * this.#askedBytes));
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** Smoothed time from a request to the end of its answer; undefined before the first. */
  get answerMs(): number | undefined {
    return this.#smoothedMs;
  }

  hasRoom(bytes: number): boolean {
    return this.#inFlightBytes === 0 || this.#inFlightBytes + bytes <= this.limitBytes;
  }

  /** What is asked for at a time: to ask for a little at every answer would be a frame for each. */
  get askBytes(): number {
    const { limitBytes } = this;
    return this.#fastestMs < nearMsMax ? Math.min(askBytesNear, limitBytes / 2) : limitBytes / askAheadParts;
  }

  /** So much is free. */
  get isHungry(): boolean {
    return this.#inFlightBytes === 0 || this.limitBytes - this.#inFlightBytes >= this.askBytes;
  }

  /** After this long without a sign of the answer, it is lost (RFC 6298, section 2). */
  timeoutMs(): number {
    const base =
      this.#smoothedMs === undefined ? requestTimeoutMsInitial : 2 * this.#smoothedMs + 4 * this.#variationMs;
    return Math.min(requestTimeoutMsMax, Math.max(requestTimeoutMsMin, base) * this.#backoff);
  }

  asked(bytes: number): void {
    this.#askedBytes = bytes;
    this.#inFlightBytes += bytes;
  }

  /** Leaves the flight, for whatever reason. */
  left(bytes: number): void {
    this.#inFlightBytes = Math.max(0, this.#inFlightBytes - bytes);
  }

  answered(bytes: number, tookMs: number, nowMs: number): void {
    this.#backoff = 1;
    // The clock was set back meanwhile: it says nothing of the path.
    if (tookMs < 0) return;
    this.#measure(Math.max(1, tookMs));
    const slackMs = Math.min(answerInTimeSlackMsMax, Math.max(answerInTimeSlackMsMin, this.#fastestMs));
    const inTimeMs = answerInTimeFactor * this.#fastestMs + slackMs;
    if (tookMs <= inTimeMs) {
      this.#limitBytes = Math.min(this.#pathBytes, this.#limitBytes + bytes);
    } else if (tookMs > lateFactor * inTimeMs) {
      this.#shrink(7 / 8, nowMs);
    }
  }

  /** No sign of an answer within its timeout. */
  lost(nowMs: number): void {
    this.#shrink(1 / 2, nowMs);
    // What was fastest belongs to the path as it was; let it be found again, slowly.
    this.#fastestMs *= 1.1;
    this.#backoff = Math.min(8, this.#backoff * 2);
  }

  /** What the path can have under way, by its fastest answer. */
  get #pathBytes(): number {
    return Math.min(inFlightBytesMax, Math.max(inFlightBytesNear, this.#fastestMs * pathBytesPerMs));
  }

  /** At most once a round trip: the answers of one flight share one fate. */
  #shrink(factor: number, nowMs: number): void {
    if (nowMs - this.#changedAtMs < (this.#smoothedMs ?? requestTimeoutMsInitial)) return;
    this.#changedAtMs = nowMs;
    this.#limitBytes = Math.max(inFlightBytesMin, Math.floor(this.#limitBytes * factor));
  }

  #measure(tookMs: number): void {
    this.#fastestMs = Math.min(this.#fastestMs, tookMs);
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = tookMs;
      this.#variationMs = tookMs / 2;
      return;
    }
    this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - tookMs);
    this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * tookMs;
  }
}
