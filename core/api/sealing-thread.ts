/**
 * A second thread that seals beside this one, where the runtime has threads that share memory and can load a file of this
 * library (Node, unless it is bundled): sealing and hashing is nine tenths of attaching. Whoever is free takes the next
 * run of windows, so nobody waits but at the end. A thread lives as long as one attach, and only for files whose sealing
 * takes longer than starting it. There is one at a time: more would find no processor.
 *
 *   starting --ready--> running --close--> ended
 *       `-----------------`-----failed---> ended: what it had is sealed on this thread
 */
import { fileShape, sliceCountOf } from "../base/sizes.ts";
import { sealWindows } from "../file/seal-windows.ts";
import type { SealingBatch, SealingHelper } from "../file/sealer.ts";
import { sealingSlots, sealingThreadFileBytesMin, sealingWindowSlicesMax, sealingBatchSlices } from "../limits.ts";
import { batchOf, ready, sealingMemory, wipeMemory } from "./sealing-memory.ts";
import type { SealingKeys, SealingMemory, SealingTask } from "./sealing-memory.ts";

/** What is used of a Worker of node:worker_threads. */
export interface SealingWorker {
  on(event: "message", listener: (message: typeof ready | number) => void): unknown;
  on(event: "error" | "exit", listener: () => void): unknown;
  postMessage(task: SealingTask): void;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

type WorkerConstructor = new (file: URL, options: object) => SealingWorker;

/** It has a few small objects: what it works on is not in its heap. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

interface OpenTask {
  readonly task: SealingTask;
  readonly done: SealingBatch["done"];
}

let isOneRunning = false;

/** Undefined where it would not pay, or there is none to be had. */
export function startSealingThread(keys: SealingKeys, fileBytes: number | undefined): SealingThread | undefined {
  if (isOneRunning || fileBytes === undefined || fileBytes < sealingThreadFileBytesMin) return undefined;
  const { slicesPerWindow } = fileShape(sliceCountOf(fileBytes));
  if (slicesPerWindow > sealingWindowSlicesMax) return undefined;
  const threads = threadsOfRuntime();
  if (threads === undefined) return undefined;
  const slicesPerBatch = Math.max(1, Math.floor(sealingBatchSlices / slicesPerWindow)) * slicesPerWindow;
  const memory = sealingMemory(keys, { slicesPerWindow, slicesPerBatch }, sealingSlots);
  try {
    const url = import.meta.url;
    const file = new URL(url.endsWith(".ts") ? "./node-sealing-worker.ts" : "./node-sealing-worker.js", url);
    // What an app loads before itself (execArgv) is not for this thread.
    const options = { workerData: memory, name: "focused-file-sync sealing", execArgv: [], resourceLimits };
    return new SealingThread(new threads.Worker(file, options), memory);
  } catch {
    // Not allowed, or nothing to load: one thread does it, too.
    wipeMemory(memory);
    return undefined;
  }
}

/** Found, not imported: browsers have no such module, and bundlers would have to replace it. */
function threadsOfRuntime(): { readonly Worker: WorkerConstructor } | undefined {
  const runtime = (globalThis as { process?: { getBuiltinModule?: typeof process.getBuiltinModule } }).process;
  const cores = runtime?.getBuiltinModule?.("node:os").availableParallelism() ?? 1;
  return cores < 2 || typeof SharedArrayBuffer === "undefined"
    ? undefined
    : runtime?.getBuiltinModule?.("node:worker_threads");
}

export class SealingThread implements SealingHelper {
  readonly #worker: SealingWorker;
  readonly #memory: SealingMemory;
  readonly #free: number[];
  readonly #open = new Map<number, OpenTask>();
  #state: "starting" | "running" | "ended" = "starting";

  constructor(worker: SealingWorker, memory: SealingMemory) {
    this.#worker = worker;
    this.#memory = memory;
    this.#free = memory.slots.map((_, slot) => slot);
    isOneRunning = true;
    worker.on("message", (message: typeof ready | number) => {
      if (this.#state === "ended") return;
      if (message === ready) this.#state = "running";
      else this.#finish(message);
    });
    worker.on("error", () => this.#failed());
    worker.on("exit", () => this.#failed());
    // While it has something to do the process must not end, else it may.
    worker.unref();
  }

  get slicesPerBatch(): number {
    return this.#memory.slicesPerBatch;
  }

  offer({ plain, firstSlice, slices, done }: SealingBatch): boolean {
    if (this.#state !== "running") return false;
    const slot = this.#free.pop();
    if (slot === undefined) return false;
    const task = { slot, firstSlice, slices };
    batchOf(this.#memory, task).plain.set(plain);
    this.#open.set(slot, { task, done });
    this.#worker.ref();
    this.#worker.postMessage(task);
    return true;
  }

  /** What is still open is forgotten. */
  close(): void {
    this.#open.clear();
    wipeMemory(this.#memory);
    if (this.#state !== "ended") this.#end();
  }

  #finish(slot: number): void {
    const open = this.#open.get(slot);
    if (open === undefined) return;
    this.#open.delete(slot);
    if (this.#open.size === 0) this.#worker.unref();
    open.done(batchOf(this.#memory, open.task));
    this.#free.push(slot);
  }

  #failed(): void {
    if (this.#state === "ended") return;
    this.#end();
    for (const { task } of [...this.#open.values()]) {
      sealWindows(batchOf(this.#memory, task));
      this.#finish(task.slot);
    }
  }

  #end(): void {
    this.#state = "ended";
    isOneRunning = false;
    // In the middle of a batch it still writes after it was told to end.
    void this.#worker.terminate().then(() => {
      if (this.#open.size === 0) wipeMemory(this.#memory);
    });
  }
}
