/** Long work in steps of some milliseconds: whoever may wait gives others a turn between two of them (core/api/open.ts). */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All steps in a row. */
export function toEnd<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
