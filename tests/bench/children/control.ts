/**
 * What a person does while a large file comes: pauses, resumes and cancels others, looks at how far things are. Timed is
 * the call itself, for which the app stands still, and apart from it its promise, which waits for the disk.
 */
import type { FileSync } from "../../../core/index.ts";
import { controlIntervalMs, controlOwnFileRounds } from "../limits.ts";
import type { MemberState } from "./member.ts";

const lowPriority = 1;
const highPriority = 10;

export const controlActs = ["progress", "pause", "resume", "cancel"] as const;
export type ControlAct = (typeof controlActs)[number];

export interface ControlResult {
  /** Milliseconds of each call. */
  readonly calls: Readonly<Record<ControlAct, readonly number[]>>;
  /** Until its promise resolved, of those that have one. */
  readonly promises: readonly number[];
  /** Whether the fetch was still running when the last call was made. */
  readonly wasRunning: boolean;
}

export interface ControlArgument {
  readonly wanted: readonly string[];
  readonly fetched: string;
}

export function controlCalls({ sync }: MemberState) {
  return {
    async recordWants(fileIds: readonly string[]): Promise<void> {
      await Promise.all(fileIds.map((fileId) => sync().request(fileId, { priority: lowPriority })));
    },
    /** Requests the large file, makes calls about all of them while it comes, and waits for its end. */
    async control({ wanted, fetched }: ControlArgument): Promise<ControlResult> {
      await sync().request(fetched, { priority: highPriority });
      const complete = sync().whenComplete(fetched);
      const result = await new Caller(sync(), wanted, fetched).until(complete);
      await complete;
      return result;
    },
  };
}

class Caller {
  readonly #sync: FileSync;
  readonly #wanted: readonly string[];
  readonly #fetched: string;
  readonly #calls: Record<ControlAct, number[]> = { progress: [], pause: [], resume: [], cancel: [] };
  readonly #promises: number[] = [];
  readonly #waiting: Promise<void>[] = [];
  #ticks = 0;

  constructor(sync: FileSync, wanted: readonly string[], fetched: string) {
    this.#sync = sync;
    this.#wanted = wanted;
    this.#fetched = fetched;
  }

  async until(end: Promise<void>): Promise<ControlResult> {
    let wasRunning = false;
    const timer = setInterval(() => {
      wasRunning = this.#sync.progress(this.#fetched)?.status !== "complete";
      if (wasRunning) this.#tick();
    }, controlIntervalMs);
    await end.finally(() => clearInterval(timer));
    await Promise.all(this.#waiting);
    return { calls: this.#calls, promises: this.#promises, wasRunning };
  }

  /** One call. A round has four, on one want after the other; the fetched file has a turn now and then, and is not cancelled. */
  #tick(): void {
    const round = Math.floor(this.#ticks / controlActs.length);
    const act = controlActs[this.#ticks % controlActs.length] as ControlAct;
    this.#ticks++;
    const isOwnTurn = round % controlOwnFileRounds === controlOwnFileRounds - 1;
    if (!isOwnTurn) this.#call(act, this.#wanted[round % this.#wanted.length] as string);
    else if (act !== "cancel") this.#call(act, this.#fetched);
  }

  #call(act: ControlAct, fileId: string): void {
    const startedAtMs = performance.now();
    const made = this.#sync[act](fileId);
    this.#calls[act].push(performance.now() - startedAtMs);
    if (!(made instanceof Promise)) return;
    this.#waiting.push(made.then(() => void this.#promises.push(performance.now() - startedAtMs)));
    // Back to a want, so that there are as many as before; not timed.
    if (act === "cancel") this.#waiting.push(this.#sync.request(fileId, { priority: lowPriority }));
  }
}
