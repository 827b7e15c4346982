/**
 * The simulator's storage: memory that fails on command and loses on a crash what a disk may lose. Everything it does comes
 * from its Random, so a run repeats from its seed. Like memoryStorage the provider is the disk: crash, open again, go on.
 *
 * It promises no more than the interface does: bytes are durable once a flush begun after their writing has
 * resolved, names once flushNames has; all else may go in any combination.
 */
import { assert } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Storage, StorageFile, StorageProvider } from "../base/storage.ts";
import { FileSyncError } from "../errors.ts";
import { below, type FaultyBytes } from "./faulty-file.ts";
import { FaultyNames } from "./faulty-names.ts";
import { OpenNames } from "./names.ts";

export interface FaultPlan {
  /**
   * The call that fails, from 1, counted from when the plan was set; with `lasting` every later one does too. `storage_full`
   * counts and fails only calls that need space: a file that is made, written, made longer or flushed, or a renamed one.
   */
  readonly failure?: {
    readonly call: number;
    readonly code: "storage_full" | "storage_failed";
    readonly lasting: boolean;
  };
  /** Flushes resolve and nothing is durable: what a test that looks for losses must find. */
  readonly flushLies?: boolean;
  /** When a flush is through, by the simulator's clock; without it, at once. */
  readonly scheduleFlush?: (finish: () => void) => void;
}

export interface FaultyStorage extends StorageProvider {
  /** Replaces the plan and counts calls from 0 again. */
  setPlan(plan: FaultPlan): void;
  /** Calls since the plan was set that its failure counts; with no failure planned, all. */
  callCount(): number;
  /**
   * The process ends here: its handles fail from now on, its lock is free. With `power_loss` the disk loses what was not
   * flushed; with `kill` (SIGKILL) the system still holds every byte that was written.
   */
  crash(kind: "power_loss" | "kill"): void;
}

export function faultyStorage(random: Random, plan: FaultPlan = {}): FaultyStorage {
  const faults = new Faults(random, plan);
  const names = new FaultyNames();
  let process: Process | undefined;
  return {
    durability: "memory",
    async open() {
      if (process?.isAlive === true) throw new FileSyncError("storage_locked");
      process = { isAlive: true };
      return new FaultyStore(names, faults, process);
    },
    setPlan: (next) => faults.setPlan(next),
    callCount: () => faults.callCount,
    crash(kind) {
      if (process !== undefined) process.isAlive = false;
      if (kind === "power_loss") names.losePower(random);
    },
  };
}

/** Who opened the disk, until it closes it or crashes. */
interface Process {
  isAlive: boolean;
}

class Faults {
  readonly random: Random;
  callCount = 0;
  #plan: FaultPlan;

  constructor(random: Random, plan: FaultPlan) {
    this.random = random;
    this.#plan = plan;
  }

  setPlan(plan: FaultPlan): void {
    this.#plan = plan;
    this.callCount = 0;
  }

  /** What the call fails with, if it fails. */
  next(process: Process, needsSpace: boolean): FileSyncError | undefined {
    if (!process.isAlive) return new FileSyncError("storage_failed", { detail: "crashed" });
    const { failure } = this.#plan;
    if (failure?.code === "storage_full" && !needsSpace) return undefined;
    this.callCount++;
    if (failure === undefined) return undefined;
    const fails = failure.lasting ? this.callCount >= failure.call : this.callCount === failure.call;
    return fails ? new FileSyncError(failure.code, { detail: "planned" }) : undefined;
  }

  check(process: Process, needsSpace: boolean): void {
    const failure = this.next(process, needsSpace);
    if (failure !== undefined) throw failure;
  }

  /** Durable when through, not before: a crash in between may lose it. */
  async flush(process: Process, makeDurable: () => void): Promise<void> {
    this.check(process, true);
    const { scheduleFlush, flushLies } = this.#plan;
    await new Promise<void>((resolve) => (scheduleFlush ?? queueMicrotask)(resolve));
    if (!process.isAlive) throw new FileSyncError("storage_failed", { detail: "crashed" });
    if (flushLies !== true) makeDurable();
  }
}

class FaultyStore implements Storage {
  readonly #names: FaultyNames;
  readonly #faults: Faults;
  readonly #process: Process;
  readonly #openNames = new OpenNames();

  constructor(names: FaultyNames, faults: Faults, process: Process) {
    this.#names = names;
    this.#faults = faults;
    this.#process = process;
  }

  open(name: string, { create }: { create: boolean }): StorageFile | undefined {
    this.#openNames.assertClosed(name);
    const present = this.#names.get(name);
    this.#faults.check(this.#process, create && present === undefined);
    if (present === undefined && !create) return undefined;
    const bytes = present ?? this.#names.create(name);
    this.#openNames.opened(name);
    return new FaultyFile(bytes, this.#faults, this.#process, () => this.#openNames.closed(name));
  }

  list(prefix: string): string[] {
    this.#faults.check(this.#process, false);
    return this.#names.all().filter((name) => name.startsWith(prefix));
  }

  remove(name: string): void {
    this.#openNames.assertClosed(name);
    this.#faults.check(this.#process, false);
    this.#names.remove(name);
  }

  rename(from: string, to: string): void {
    this.#openNames.assertClosed(from);
    this.#openNames.assertClosed(to);
    this.#faults.check(this.#process, true);
    const bytes = this.#names.get(from);
    assert(bytes !== undefined, "what is renamed exists");
    this.#names.rename(bytes, to);
  }

  flushNames(): Promise<void> {
    const { changeCount } = this.#names;
    return this.#faults.flush(this.#process, () => this.#names.makeDurable(changeCount));
  }

  /** Never fails, so that what crashed can be tidied up. */
  close(): void {
    if (this.#process.isAlive) this.#openNames.assertNoneOpen();
    this.#process.isAlive = false;
  }
}

class FaultyFile implements StorageFile {
  readonly #bytes: FaultyBytes;
  readonly #faults: Faults;
  readonly #process: Process;
  readonly #closed: () => void;
  #isOpen = true;

  constructor(bytes: FaultyBytes, faults: Faults, process: Process, closed: () => void) {
    this.#bytes = bytes;
    this.#faults = faults;
    this.#process = process;
    this.#closed = closed;
  }

  size(): number {
    this.#check(false);
    return this.#bytes.current.size;
  }

  readAt(target: Uint8Array, position: number): number {
    this.#check(false);
    return this.#bytes.current.read(target, position);
  }

  /** A write that fails may have written a part. */
  writeAt(source: Uint8Array, position: number): void {
    assert(this.#isOpen, "a handle is used while it is open");
    const failure = this.#faults.next(this.#process, true);
    if (failure === undefined) {
      this.#bytes.write(source, position);
      return;
    }
    if (this.#process.isAlive)
      this.#bytes.write(source.subarray(0, below(this.#faults.random, source.length + 1)), position);
    throw failure;
  }

  truncate(size: number): void {
    this.#check(size > this.#bytes.current.size);
    this.#bytes.truncate(size);
  }

  flush(): Promise<void> {
    assert(this.#isOpen, "a handle is used while it is open");
    const { changeCount } = this.#bytes;
    return this.#faults.flush(this.#process, () => this.#bytes.makeDurable(changeCount));
  }

  close(): void {
    assert(this.#isOpen, "a handle is used while it is open");
    this.#isOpen = false;
    this.#closed();
  }

  #check(needsSpace: boolean): void {
    assert(this.#isOpen, "a handle is used while it is open");
    this.#faults.check(this.#process, needsSpace);
  }
}
