/**
 * Assertions are for what only we can break. Bytes from a peer, a disk or a user never reach one: those are checked
 * and answered with an error value (core/errors.ts).
 */
export class BrokenAssertion extends Error {
  override readonly name = "BrokenAssertion";
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new BrokenAssertion(what);
}

/** For the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new BrokenAssertion(`unreachable: ${String(value)}`);
}
