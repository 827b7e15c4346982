/**
 * The ids of all events that may travel, in order of their first 12 bits: a window of the log sync is a power-of-two
 * part of that space, so it is a run of buckets and nothing else has to be looked at.
 */
import type { EventId } from "../base/ids.ts";
import { syncWindowCountMax, syncWindowEventsTarget } from "../limits.ts";

const bucketCount = syncWindowCountMax;
const bucketOf = (id: EventId): number => Number.parseInt(id.slice(0, 3), 16);

export class SharedIds {
  readonly #buckets: (EventId[] | undefined)[] = new Array<EventId[] | undefined>(bucketCount);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The caller knows that it is new. */
  add(id: EventId): void {
    const bucket = bucketOf(id);
    const ids = this.#buckets[bucket];
    if (ids === undefined) this.#buckets[bucket] = [id];
    else ids.push(id);
    this.#count++;
  }

  /** How many windows this many events are asked in: a power of two. */
  windowCount(): number {
    let windows = 1;
    while (windows < syncWindowCountMax && windows * syncWindowEventsTarget < this.#count) windows *= 2;
    return windows;
  }

  /** The ids of one window of `windowCount`, a power of two up to 4,096. */
  ofWindow(window: number, windowCount: number): EventId[] {
    const width = bucketCount / windowCount;
    return this.#buckets.slice(window * width, (window + 1) * width).flatMap((ids) => ids ?? []);
  }
}

/** The number that stands for an event in a filter: 48 bits of its id behind those that choose the window. */
export const filterElementOf = (id: EventId): number => Number.parseInt(id.slice(4, 16), 16);
