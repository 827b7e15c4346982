/**
 * The other thread of a sealing: seals what lies in memory that both threads see, and says so. It is told all of it when
 * it starts, so that no key and no plaintext travels in a message, of which nobody could wipe the copies.
 */
import { parentPort, workerData } from "node:worker_threads";
import { cryptoReady } from "../crypto/index.ts";
import { sealWindows } from "../file/seal-windows.ts";
import { batchOf, ready, type SealingMemory, type SealingTask } from "./sealing-memory.ts";

await cryptoReady();
const memory = workerData as SealingMemory;
parentPort?.on("message", (task: SealingTask) => {
  sealWindows(batchOf(memory, task));
  parentPort?.postMessage(task.slot);
});
parentPort?.postMessage(ready);
