/**
 * The lock of a store on disk: a file `lock` that names its owner. Node offers no lock that the system takes back when a
 * process dies, so an owner that is dead is replaced, and only one of those who see it dead may do so:
 *
 * 1. Who comes writes its record to a file of its own and links it to `lock`. A link is made whole or not at all, and only where
 *    there is none: who succeeds has the lock.
 * 2. Where there is one and its owner (token T) is dead, it links its record to `lock.after.T`, in the same way. That is the claim:
 *    nobody else may replace T's record while it is there.
 * 3. Having the claim it looks again. If `lock` still names T it renames the claim to `lock`, which replaces one by the other in one
 *    step. If not, somebody had the claim earlier and is through: it gives its claim up and starts again.
 * 4. Who dies between 2 and 3 leaves a claim with a dead owner, and that is replaced like the lock itself, by the same steps.
 *
 * Tokens are never used again, so a slow process cannot take a new record for the one it saw.
 */
import { linkSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "../base/bytes.ts";
import { systemRandom } from "../base/random.ts";
import { FileSyncError } from "../errors.ts";
import { lockClaimsMax, lockLooksMax, lockUnreadableMs } from "../limits.ts";
import { beaconPrefix, beaconShines, lightBeacon, type Beacon } from "./node-lock-beacon.ts";
import { ownerLives, readOwner, thisOwner } from "./node-lock-owner.ts";
import { systemCode } from "./node-errors.ts";

export interface StoreLock {
  release(): void;
}

const lockName = "lock";
const claimPrefix = "lock.after.";
const recordPrefix = "lock.new.";
const tokenBytes = 16;
const ownerOnly = 0o600;

/** The folder is absolute and without symbolic links, so that one store has one lock. Throws `storage_locked`. */
export async function takeLock(folder: string): Promise<StoreLock> {
  const token = bytesToHex(systemRandom().bytes(tokenBytes));
  const record = JSON.stringify(thisOwner(token));
  const recordPath = join(folder, recordPrefix + token);
  writeFileSync(recordPath, record, { flag: "wx", mode: ownerOnly });
  let beacon: Beacon | undefined;
  let isTaken = false;
  try {
    // Lit before the lock is ours: there is no moment in which we have it and seem dead.
    beacon = await lightBeacon(folder, token);
    isTaken = await takePath({ folder, record, recordPath }, join(folder, lockName), 0);
  } finally {
    rmSync(recordPath, { force: true });
    if (!isTaken) beacon?.close();
  }
  if (!isTaken) throw new FileSyncError("storage_locked");
  await sweep(folder, token);
  return { release: () => release(folder, token, beacon) };
}

interface Contender {
  readonly folder: string;
  readonly record: string;
  readonly recordPath: string;
}

/** Whether the path now holds our record. `claims` is how many dead claims lie between it and the lock. */
async function takePath(contender: Contender, path: string, claims: number): Promise<boolean> {
  for (let look = 0; look < lockLooksMax; look++) {
    if (placeRecord(contender, path)) return true;
    const owner = readOwner(path);
    if (owner === undefined) continue;
    if (claims === lockClaimsMax || (await ownerLives(owner, contender.folder, path))) return false;
    const claimPath = join(contender.folder, claimPrefix + owner.token);
    if (!(await takePath(contender, claimPath, claims + 1))) return false;
    if (readOwner(path)?.token === owner.token) {
      renameSync(claimPath, path);
      return true;
    }
    rmSync(claimPath, { force: true });
  }
  return false;
}

/** False when there is a record already. */
function placeRecord({ record, recordPath }: Contender, path: string): boolean {
  try {
    linkSync(recordPath, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
  }
  // No links here (FAT, some phones). The record is then empty for a moment, which `lockUnreadableMs` covers.
  try {
    writeFileSync(path, record, { flag: "wx", mode: ownerOnly });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** What processes left that died while they came: claims mean nothing once the lock is another's, the rest by its age. */
async function sweep(folder: string, token: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(claimPrefix) || (name.startsWith(recordPrefix) && isOld(path))) rmSync(path, { force: true });
    if (!name.startsWith(beaconPrefix) || !isOld(path)) continue;
    const other = name.slice(beaconPrefix.length);
    if (other !== token && !(await beaconShines(folder, other))) rmSync(path, { force: true });
  }
}

function isOld(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > lockUnreadableMs;
}

/** A record that is not ours any more was put there by someone who removed ours by hand: it stays. */
function release(folder: string, token: string, beacon: Beacon | undefined): void {
  try {
    const path = join(folder, lockName);
    if (readOwner(path)?.token === token) rmSync(path, { force: true });
    beacon?.close();
  } catch {
    // A folder that is gone or read-only keeps the record; it is found dead when we end.
  }
}
