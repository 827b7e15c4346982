/**
 * A process that opens the store at its first argument and says on its output what came of it: `open`, or the error's code.
 * With a second argument it waits for that moment (milliseconds since 1970) first, so that several start as one.
 * It holds the store until it is killed or its input ends.
 */
import { nodeStorage } from "../../core/storage/node.ts";

const [path = "", startMs = "0"] = process.argv.slice(2);
await new Promise((resolve) => setTimeout(resolve, Number(startMs) - Date.now()));
try {
  await nodeStorage(path).open();
  process.stdout.write("open\n");
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code ?? String(error)}\n`);
}
process.stdin.resume();
process.stdin.on("end", () => process.exit());
