/**
 * Who has a store's lock, and whether they still live. A record names a process by its number, the moment it started and the
 * boot it belongs to, so that a number given out again does not pass for the dead one. Where /proc does not tell,
 * a signal 0 asks the system whether the number is in use at all.
 */
import { readFileSync, readlinkSync, statSync } from "node:fs";
import { lockUnreadableMs } from "../limits.ts";
import { beaconShines } from "./node-lock-beacon.ts";

export interface LockOwner {
  /** Unique to one taking of the lock. */
  readonly token: string;
  readonly pid: number;
  /** Clock ticks from boot to start; empty where unknown, as are the next two. */
  readonly started: string;
  readonly boot: string;
  /** Two containers count their processes apart. */
  readonly pidNamespace: string;
}

/** What a record without readable owner stands for: a write cut off by a power loss, or not done yet. */
export const unreadableToken = "unreadable";

export function thisOwner(token: string): LockOwner {
  const started = processState(process.pid)?.started ?? "";
  return { token, pid: process.pid, started, boot: bootId(), pidNamespace: pidNamespace() };
}

/** Undefined when there is no such record. */
export function readOwner(path: string): LockOwner | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return parseOwner(text) ?? { token: unreadableToken, pid: 0, started: "", boot: "", pidNamespace: "" };
}

/** In doubt it lives: a store opened twice is damaged, one that is refused is not. */
export async function ownerLives(owner: LockOwner, folder: string, path: string): Promise<boolean> {
  if (owner.token === unreadableToken) return ageMs(path) < lockUnreadableMs;
  if (owner.boot !== bootId()) return false;
  if (owner.pidNamespace !== pidNamespace()) return beaconShines(folder, owner.token);
  if (!processLives(owner)) return false;
  // Our own process: another thread may have had it and be gone.
  return owner.pid !== process.pid || beaconShines(folder, owner.token);
}

function processLives({ pid, started }: LockOwner): boolean {
  const state = processState(pid);
  if (state !== undefined && started !== "") return state.started === started && !state.isDead;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const { token, pid, started, boot, pidNamespace: namespace } = JSON.parse(text) as Partial<LockOwner>;
    // The token becomes part of a file name.
    if (typeof token !== "string" || !/^[0-9a-f]{32}$/.test(token)) return undefined;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    if (typeof started !== "string" || typeof boot !== "string" || typeof namespace !== "string") return undefined;
    return { token, pid, started, boot, pidNamespace: namespace };
  } catch {
    return undefined;
  }
}

/** proc(5), /proc/pid/stat: the name in brackets may hold anything, so fields are counted from its end. */
function processState(pid: number): { readonly started: string; readonly isDead: boolean } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields[0], fields[19]];
  // Z and X: killed, and its parent has not looked yet.
  return state === undefined || started === undefined ? undefined : { started, isDead: /[ZX]/.test(state) };
}

const bootId = (): string => readText("/proc/sys/kernel/random/boot_id").trim();

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
