/**
 * Files are flushed in turns. What is ready while a turn is under way is flushed in the next, all at once: many small files
 * share what the system does for each flush, and what follows from all of them is worked out and sent once.
 *
 * What can wait with making its files makes them at the beginning of its turn: while a system writes its journal, it
 * holds up whoever makes a file.
 */
import type { FileId } from "../base/ids.ts";
import { flushesPerTurn } from "../limits.ts";

export interface Due {
  readonly fileId: FileId;
  /** Called before anything of the turn is flushed. */
  prepare?(): void;
  /** Called with what went wrong, or with undefined. */
  ended(failure: unknown): void;
}

export class FlushTurns {
  readonly #flush: (fileId: FileId) => Promise<void>;
  readonly #afterTurn: () => void;
  readonly #due: Due[] = [];
  #turns: Promise<void> | undefined;

  constructor(flush: (fileId: FileId) => Promise<void>, afterTurn: () => void) {
    this.#flush = flush;
    this.#afterTurn = afterTurn;
  }

  add(due: Due): void {
    this.#due.push(due);
    this.#turns ??= this.#untilNothingIsDue();
  }

  /** Resolves when nothing is under way. */
  async ended(): Promise<void> {
    while (this.#turns !== undefined) await this.#turns;
  }

  async #untilNothingIsDue(): Promise<void> {
    try {
      while (this.#due.length > 0) await this.#turn();
    } finally {
      // Here and not when the promise is settled: what is added in between would wait for ever.
      this.#turns = undefined;
    }
  }

  async #turn(): Promise<void> {
    const turn = this.#due.splice(0, flushesPerTurn);
    const prepared = turn.map((due) => attempt(() => due.prepare?.()));
    const ended = await Promise.allSettled(
      turn.map(async ({ fileId }, i) => {
        (prepared[i] as () => void)();
        await this.#flush(fileId);
      }),
    );
    turn.forEach((due, i) => due.ended((ended[i] as { reason?: unknown }).reason));
    this.#afterTurn();
  }
}

/** Does it now; what it throws is thrown when what is returned is called. */
function attempt(work: () => void): () => void {
  try {
    work();
    return () => undefined;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
