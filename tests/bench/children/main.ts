/** The start of every child process of the bench: it becomes what its command line says, and does as it is told. */
import type { Answer, Call, Setup } from "./messages.ts";
import { bareCalls } from "./bare.ts";
import { bareSocketReceiverCalls, bareSocketSenderCalls } from "./bare-socket.ts";
import { inProcessCalls } from "./in-process.ts";
import { receiverCalls } from "./receiver.ts";
import { senderCalls } from "./sender.ts";

const roles = {
  "in-process": inProcessCalls,
  sender: senderCalls,
  receiver: receiverCalls,
  bare: bareCalls,
  "bare-socket-sender": bareSocketSenderCalls,
  "bare-socket-receiver": bareSocketReceiverCalls,
};

const setup = JSON.parse(process.argv[2] ?? "") as Setup;
const calls = await roles[setup.role](setup);

// Whatever becomes of the bench, nothing is left running.
process.on("disconnect", () => process.exit(1));
process.on("message", (message) => void answer(message as Call));

async function answer({ id, name, argument }: Call): Promise<void> {
  const call = calls[name as keyof typeof calls] as ((argument: unknown) => Promise<unknown>) | undefined;
  try {
    if (call === undefined) throw new Error(`${setup.role} knows no ${name}`);
    tell({ id, value: await call(argument) });
  } catch (thrown) {
    tell({ id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  }
}

function tell(message: Answer): void {
  if (process.connected) process.send?.(message);
}
