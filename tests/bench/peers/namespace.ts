/**
 * A network that has only loopback: nothing can leave, and the counter of its bytes is ours alone. Linux gives one to
 * root, and to others where it lets them have namespaces. Where it does not, the measuring goes on without: the guard in
 * each process (loopback-only.ts) holds, and bytes on the wire, which are then of everyone who uses loopback, are not told.
 */
import { spawnSync } from "node:child_process";

const marker = "FOCUSED_FILE_SYNC_BENCH_NAMESPACE";
const loopbackUp = "ip link set lo up";

export const isAlone = (): boolean => process.env[marker] !== undefined;

/** The exit code of this same command run again within a namespace; undefined when it has to run right here. */
export function runAlone(): number | undefined {
  if (isAlone() || process.platform !== "linux") return undefined;
  const options = process.getuid?.() === 0 ? ["-n"] : ["-r", "-n"];
  if (spawnSync("unshare", [...options, "sh", "-c", loopbackUp], { stdio: "ignore" }).status !== 0) return undefined;
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync("unshare", [...options, "sh", "-c", `${loopbackUp} && exec "$0" "$@"`, ...again], {
    stdio: "inherit",
    env: { ...process.env, [marker]: "1" },
  });
  return status ?? 1;
}
