/** Which events there are and where, and how far this device has counted. */
import type { EventId } from "../base/ids.ts";
import { localTypeMin } from "../../events/envelope.ts";
import { EventSum } from "./event-sum.ts";
import type { LogRecord } from "./log-record.ts";
import { sequenceOf } from "./sequence.ts";
import { SharedIds } from "./shared-ids.ts";

export class EventIndex {
  readonly shared = new SharedIds();
  readonly #positions = new Map<EventId, number>();
  readonly #sum = new EventSum();
  #sequence = 0;

  get count(): number {
    return this.#positions.size;
  }

  has(id: EventId): boolean {
    return this.#positions.has(id);
  }

  positionOf(id: EventId): number | undefined {
    return this.#positions.get(id);
  }

  /** All ids, xored. */
  sum(): Uint8Array {
    return this.#sum.bytes();
  }

  /** Counts up with every local event of this device. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  add(record: LogRecord): void {
    const { id } = record;
    if (this.#positions.has(id)) return;
    this.#positions.set(id, record.position);
    this.#sum.add(id);
    const type = record.bytes[1] as number;
    if (type < localTypeMin) this.shared.add(id);
    else if (!record.shredded) this.#sequence = Math.max(this.#sequence, sequenceOf(record.bytes));
  }
}
