/**
 * What every driver asserts about names and handles. Names are made by us, so a bad one is a defect; the check is what
 * keeps a defect from writing outside the store (G-8).
 */
import { assert } from "../base/assert.ts";

const nameForm = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;

/** No part begins with a dot, so none is `..`; `lock` and what begins with `lock.` belong to the drivers. */
export function isStorageName(name: string): boolean {
  return nameForm.test(name) && name !== "lock" && !name.startsWith("lock.");
}

/** The names that are open now: a name is open once, and not while it is removed or renamed. */
export class OpenNames {
  readonly #names = new Set<string>();

  /** After `assertClosed`. */
  opened(name: string): void {
    this.#names.add(name);
  }

  closed(name: string): void {
    assert(this.#names.delete(name), "a handle is used while it is open");
  }

  assertClosed(name: string): void {
    assert(isStorageName(name), "a storage name has its form");
    assert(!this.#names.has(name), "the file is not open");
  }

  assertNoneOpen(): void {
    assert(this.#names.size === 0, "every handle is closed before its storage");
  }
}
