/** Answers that are asked for again and again: kept until they are forgotten, and not more of them than `countMax`. */
export class Remembered<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #countMax: number;
  readonly #ask: (key: Key) => Value;

  constructor(countMax: number, ask: (key: Key) => Value) {
    this.#countMax = countMax;
    this.#ask = ask;
  }

  get(key: Key): Value {
    const known = this.#values.get(key);
    if (known !== undefined || this.#values.has(key)) return known as Value;
    if (this.#values.size >= this.#countMax) this.#values.clear();
    const value = this.#ask(key);
    this.#values.set(key, value);
    return value;
  }

  forget(key: Key): void {
    this.#values.delete(key);
  }
}
