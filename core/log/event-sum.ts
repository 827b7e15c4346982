/** Which events there are, whatever their order: their ids, xored. It tells a log from the same log with a hole. */
import { eventIdBytes, type EventId } from "../base/ids.ts";

const wordBytes = 4;
const wordDigits = 2 * wordBytes;

export class EventSum {
  readonly #words = new Uint32Array(eventIdBytes / wordBytes);

  /** Each event once: twice would be never. */
  add(id: EventId): void {
    const words = this.#words;
    for (let i = 0; i < words.length; i++)
      words[i] = (words[i] as number) ^ Number.parseInt(id.slice(i * wordDigits, (i + 1) * wordDigits), 16);
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(eventIdBytes);
    const view = new DataView(bytes.buffer);
    this.#words.forEach((word, i) => view.setUint32(i * wordBytes, word));
    return bytes;
  }
}
