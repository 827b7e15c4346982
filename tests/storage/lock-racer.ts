/**
 * Takes the lock of the folder at its first argument again and again until the moment at its second, and says how often it had
 * it and how often it found another in it. Mostly it does not give the lock back but dies, as far as others can see: it
 * makes its record name a process that does not exist, at times after leaving the claim of another such process.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "../../core/base/bytes.ts";
import { systemRandom } from "../../core/base/random.ts";
import { takeLock } from "../../core/storage/node-lock.ts";

const [folder = "", endMs = "0"] = process.argv.slice(2);
const random = systemRandom();
const counts = { won: 0, together: 0 };
const inside = join(folder, "inside");

function place(name: string, record: unknown): void {
  const path = join(folder, `writing-${process.pid}`);
  writeFileSync(path, JSON.stringify(record));
  renameSync(path, join(folder, name));
}

while (Date.now() < Number(endMs)) {
  try {
    const lock = await takeLock(folder);
    counts.won++;
    try {
      writeFileSync(inside, "", { flag: "wx" });
    } catch {
      counts.together++;
    }
    await new Promise((resolve) => setImmediate(resolve));
    rmSync(inside, { force: true });
    const chance = random.u32() % 10;
    if (chance < 3) {
      lock.release();
      continue;
    }
    const record = JSON.parse(readFileSync(join(folder, "lock"), "utf8")) as { token: string };
    const dead = { ...record, pid: 2 ** 22 + 1, started: "1" };
    if (chance < 6) place(`lock.after.${record.token}`, { ...dead, token: bytesToHex(random.bytes(16)) });
    place("lock", dead);
  } catch (error) {
    if ((error as { code?: string }).code !== "storage_locked") throw error;
  }
}
process.stdout.write(JSON.stringify(counts));
process.exit();
