/** The child's half of a call: it does as it is told, and ends when the one who tells it does. */
import type { Answer, Call, Setup } from "./messages.ts";

/** Each takes one argument, which only the caller knows the type of. */
type Calls = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

export function answerCalls({ role }: Setup, calls: Calls): void {
  const answer = async ({ id, name, argument }: Call): Promise<void> => {
    const call = calls[name] as ((argument: unknown) => Promise<unknown>) | undefined;
    try {
      if (call === undefined) throw new Error(`${role} knows no ${name}`);
      tell({ id, value: await call(argument) });
    } catch (thrown) {
      tell({ id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    }
  };
  // Whatever becomes of the bench, nothing is left running.
  process.on("disconnect", () => process.exit(1));
  process.on("message", (message) => void answer(message as Call));
}

function tell(message: Answer): void {
  if (process.connected) process.send?.(message);
}
