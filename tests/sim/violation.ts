/** A guarantee that did not hold: which one, and where. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export function violated(guarantee: string, what: string): never {
  throw new Violation(`${guarantee}: ${what}`);
}

export function must(condition: boolean, guarantee: string, what: () => string): void {
  if (!condition) violated(guarantee, what());
}
