/** Which events there are, whatever their order: their ids, xored. It tells a log from the same log with a hole. */
import { bytesEqual } from "../base/bytes.ts";
import { eventIdBytes, idToBytes, type EventId } from "../base/ids.ts";

export class EventSum {
  readonly #sum = new Uint8Array(eventIdBytes);

  /** Each event once: twice would be never. */
  add(id: EventId): void {
    const bytes = idToBytes(id);
    for (let i = 0; i < eventIdBytes; i++) this.#sum[i] = (this.#sum[i] as number) ^ (bytes[i] as number);
  }

  bytes(): Uint8Array {
    return this.#sum.slice();
  }

  equals(other: Uint8Array): boolean {
    return bytesEqual(this.#sum, other);
  }
}
