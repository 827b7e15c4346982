/** What is known of one connected peer: what was asked of it, what it asked of us, what waits to be sent. */
import type { Range, SliceSet } from "../base/slice-set.ts";
import type { EpochMs, EventId, FileId, PeerId } from "../base/ids.ts";
import { emptyBytes } from "../base/bytes.ts";
import { askAgainMs, fruitlessAnswersMax } from "../limits.ts";
import { Flight } from "./flight.ts";
import type { LogSync } from "./log-sync.ts";
import { Outbox } from "./outbox.ts";

/** A run of sealed slices as it came, not yet checked nor written. */
export interface Piece {
  /** Slice number within the file. */
  readonly start: number;
  readonly sealed: Uint8Array;
}

/** A `sync_file` that was sent and is not answered to the end. */
export interface OpenRequest {
  readonly fileId: FileId;
  /** The first of `windows` windows. */
  readonly window: number;
  readonly windows: number;
  readonly round: number;
  readonly limit: number;
  /** What the answer was reckoned to weigh in the flight. */
  readonly bytes: number;
  readonly sentAtMs: EpochMs;
  /** Requests of one peer are answered in order; an earlier one that later ones overtook is lost. */
  readonly order: number;
  /** However steadily it drips, the answer is over by then. */
  readonly latestMs: number;
  /** Slices of this answer so far, by their place in its windows. */
  readonly staged: SliceSet;
  /** Those that were not judged when they came: they wait for the rest of their window. */
  readonly pieces: Piece[];
}

/** What a peer asked of us and has not been sent yet. */
export type Answer =
  | {
      readonly kind: "windows";
      readonly fileId: FileId;
      /** The first of `windows` windows. */
      readonly window: number;
      readonly windows: number;
      readonly round: number;
      readonly limit: number;
      /** How long frames with it should be. */
      readonly frameBytes: number;
      readonly filter: Uint8Array;
      /** The first window that was not read yet. */
      next: number;
      /** What is left of the window before that one. */
      progress: WindowProgress | undefined;
      /** Slices so far that can be vouched for, and that were sent. */
      held: number;
      sent: number;
    }
  | { readonly kind: "leaves"; readonly fileId: FileId; first: number }
  | {
      readonly kind: "events";
      /** The `sync` that it answers; unset for what is told unasked. */
      readonly asked: AskedEvents | undefined;
      /** Unset until it is the answer's turn. */
      ids: readonly EventId[] | undefined;
      held: number;
      sent: number;
    };

/** One step of an answer. */
export interface AnswerPart {
  readonly message: Uint8Array | undefined;
  /** Ends the answer; leaves behind the message. */
  readonly end?: Uint8Array;
  readonly isLast: boolean;
}

/** A `sync` that waits for its turn. */
export interface AskedEvents {
  readonly window: number;
  readonly windowCount: number;
  readonly round: number;
  readonly filter: Uint8Array;
}

/** A window that is being sent in several messages: read and checked once, then cut. */
export interface WindowProgress {
  /** Slice numbers still to be sent, ascending. */
  readonly runs: Range[];
  /** Where `sealed` begins. */
  readonly firstSlice: number;
  readonly sealed: Uint8Array;
}

export class Peer {
  readonly id: PeerId;
  readonly flight = new Flight();
  /** In the order in which they were asked. */
  readonly requests = new Set<OpenRequest>();
  readonly answers: Answer[] = [];
  readonly outbox = new Outbox();
  logSync: LogSync | undefined;
  /** Bytes of slices that came from this peer, for the app to see. */
  sliceBytesReceived = 0;
  /** When it last gave something new. */
  progressAtMs = Number.NEGATIVE_INFINITY;
  /** Messages of this peer that were refused and that no honest peer would send. */
  refusals = 0;
  #order = 0;
  readonly #requestsByFile = new Map<FileId, Map<number, OpenRequest>>();
  #windowRoom: Uint8Array = emptyBytes;
  /** No open request has to be over before this. */
  #latestMs = Number.POSITIVE_INFINITY;
  /** Nothing that it lacked may be asked for again before this. */
  #askAgainMs = Number.POSITIVE_INFINITY;
  readonly #lacksFile = new Map<FileId, number>();
  readonly #fruitless = new Map<string, number>();
  readonly #lacksWindow = new Map<string, number>();

  constructor(id: PeerId) {
    this.id = id;
  }

  nextOrder(): number {
    return ++this.#order;
  }

  request(fileId: FileId, window: number): OpenRequest | undefined {
    return this.#requestsByFile.get(fileId)?.get(window);
  }

  requestsOf(fileId: FileId): OpenRequest[] {
    return [...(this.#requestsByFile.get(fileId)?.values() ?? [])];
  }

  isAskedFor(fileId: FileId): boolean {
    return this.#requestsByFile.has(fileId);
  }

  setLacksFile(fileId: FileId, now: EpochMs): void {
    this.#lacksFile.set(fileId, now + askAgainMs);
    this.#askAgainMs = Math.min(this.#askAgainMs, now + askAgainMs);
  }

  setLacksWindow(fileId: FileId, window: number, now: EpochMs): void {
    this.#lacksWindow.set(requestKey(fileId, window), now + askAgainMs);
    this.#askAgainMs = Math.min(this.#askAgainMs, now + askAgainMs);
  }

  lacksFile(fileId: FileId, now: EpochMs): boolean {
    return stillLacks(this.#lacksFile, fileId, now);
  }

  lacksWindow(fileId: FileId, window: number, now: EpochMs): boolean {
    return this.#lacksWindow.size > 0 && stillLacks(this.#lacksWindow, requestKey(fileId, window), now);
  }

  /** Room for the window that is being sent, one at a time; what an earlier one left in it is still there. */
  windowRoom(bytes: number): Uint8Array {
    if (this.#windowRoom.length < bytes) this.#windowRoom = new Uint8Array(bytes);
    return this.#windowRoom.subarray(0, bytes);
  }

  /** Counts answers that claimed to be whole and gave nothing; true when there were too many in a row. */
  countFruitless(fileId: FileId, window: number, isFruitless: boolean): boolean {
    const key = requestKey(fileId, window);
    if (!isFruitless) {
      this.#fruitless.delete(key);
      return false;
    }
    const count = (this.#fruitless.get(key) ?? 0) + 1;
    if (count < fruitlessAnswersMax) this.#fruitless.set(key, count);
    else this.#fruitless.delete(key);
    return count >= fruitlessAnswersMax;
  }

  /** What it lacked it may hold by now. */
  forgetLacking(fileId: FileId): void {
    this.#lacksFile.delete(fileId);
    for (const key of this.#lacksWindow.keys()) if (key.startsWith(fileId)) this.#lacksWindow.delete(key);
  }

  /** Takes back what was about to be asked of a file, and was not. */
  withdraw(fileId: FileId): OpenRequest[] {
    const withdrawn = this.outbox.withdraw(fileId);
    for (const request of withdrawn) this.leave(request);
    return withdrawn;
  }

  /**
   * Answers come one behind the other: as long as the peer gives anything new, what was asked of it waits its turn and is
   * not lost. What later answers overtake is given up at once (core/sync/ingest.ts), and everything has an end.
   */
  deadlineOf(request: OpenRequest): number {
    return Math.min(request.latestMs, Math.max(request.sentAtMs, this.progressAtMs) + this.flight.timeoutMs());
  }

  /**
   * When the first deadline is, or somewhat earlier: it is asked for after every frame, and waking up for nothing once in
   * a while costs less than looking at every request. Infinity when nothing is asked.
   */
  nextDeadlineMs(): number {
    const [oldest] = this.requests;
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    const silentMs = Math.max(oldest.sentAtMs, this.progressAtMs) + this.flight.timeoutMs();
    return Math.min(this.#latestMs, silentMs);
  }

  /** Looks at every request, so that what `nextDeadlineMs` gives is exact again. */
  measureDeadlines(): void {
    this.#latestMs = Number.POSITIVE_INFINITY;
    for (const { latestMs } of this.requests) this.#latestMs = Math.min(this.#latestMs, latestMs);
  }

  /** The request is open from now on. */
  enter(request: OpenRequest): void {
    const { fileId, window, bytes, latestMs } = request;
    const ofFile = this.#requestsByFile.get(fileId) ?? new Map<number, OpenRequest>();
    this.#requestsByFile.set(fileId, ofFile.set(window, request));
    this.requests.add(request);
    this.#latestMs = Math.min(this.#latestMs, latestMs);
    this.flight.asked(bytes);
  }

  /** The request is open no more. */
  leave(request: OpenRequest): void {
    if (!this.requests.delete(request)) return;
    this.flight.left(request.bytes);
    const ofFile = this.#requestsByFile.get(request.fileId);
    // A later request for the same window may have taken its place.
    if (ofFile?.get(request.window) === request) ofFile.delete(request.window);
    if (ofFile?.size === 0) this.#requestsByFile.delete(request.fileId);
    if (this.requests.size === 0) this.#latestMs = Number.POSITIVE_INFINITY;
  }

  /** Forgets what may be asked again by now. */
  forgetOldLacking(now: EpochMs): void {
    if (this.#askAgainMs > now) return;
    this.#askAgainMs = Math.min(forgetUntil(this.#lacksFile, now), forgetUntil(this.#lacksWindow, now));
  }

  /** When something that it lacked may be asked again, or somewhat earlier; infinity when nothing waits for that. */
  nextAskAgainMs(): number {
    return this.#askAgainMs;
  }
}

export const requestKey = (fileId: FileId, window: number): string => `${fileId}:${window}`;

/** Forgets what is over; when the first of the others is. */
function forgetUntil<Key>(lacking: Map<Key, number>, now: EpochMs): number {
  let next = Number.POSITIVE_INFINITY;
  for (const [key, until] of lacking) {
    if (until <= now) lacking.delete(key);
    else next = Math.min(next, until);
  }
  return next;
}

function stillLacks<Key>(lacking: Map<Key, number>, key: Key, now: EpochMs): boolean {
  const until = lacking.get(key);
  if (until === undefined) return false;
  if (until > now) return true;
  lacking.delete(key);
  return false;
}
