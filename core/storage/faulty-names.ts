/** The names of a faulty disk: what a flush of names has made durable, and the changes since that a power loss may undo. */
import type { Random } from "../base/random.ts";
import { chance, FaultyBytes } from "./faulty-file.ts";

type NameChange =
  | { readonly kind: "set"; readonly name: string; readonly file: FaultyBytes }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "rename"; readonly to: string; readonly file: FaultyBytes };

export class FaultyNames {
  #durable = new Map<string, FaultyBytes>();
  #current = new Map<string, FaultyBytes>();
  #changes: NameChange[] = [];
  #durableCount = 0;

  get changeCount(): number {
    return this.#durableCount + this.#changes.length;
  }

  get(name: string): FaultyBytes | undefined {
    return this.#current.get(name);
  }

  all(): string[] {
    return [...this.#current.keys()];
  }

  create(name: string): FaultyBytes {
    const file = new FaultyBytes();
    this.#change({ kind: "set", name, file });
    return file;
  }

  remove(name: string): void {
    if (this.#current.has(name)) this.#change({ kind: "remove", name });
  }

  rename(file: FaultyBytes, to: string): void {
    this.#change({ kind: "rename", to, file });
  }

  makeDurable(changeCount: number): void {
    const flushed = this.#changes.splice(0, Math.max(0, changeCount - this.#durableCount));
    for (const change of flushed) apply(this.#durable, change);
    this.#durableCount += flushed.length;
  }

  losePower(random: Random): void {
    for (const change of this.#changes) if (chance(random, 2)) apply(this.#durable, change);
    this.#durableCount += this.#changes.length;
    this.#changes = [];
    this.#current = new Map(this.#durable);
    for (const file of new Set(this.#current.values())) file.losePower(random);
  }

  #change(change: NameChange): void {
    apply(this.#current, change);
    this.#changes.push(change);
  }
}

function apply(names: Map<string, FaultyBytes>, change: NameChange): void {
  if (change.kind === "set") names.set(change.name, change.file);
  else if (change.kind === "remove") names.delete(change.name);
  else {
    // Whatever was lost before it: a renamed file has one name.
    for (const [name, file] of names) if (file === change.file) names.delete(name);
    names.set(change.to, change.file);
  }
}
