/** Time comes in from outside. The host has the real clock, the simulator a virtual one. */
import type { EpochMs } from "./ids.ts";

export interface Clock {
  nowMs(): EpochMs;
  /** Calls back once, not before `delayMs` have passed; the returned function takes it back. */
  schedule(delayMs: number, callback: () => void): () => void;
}
