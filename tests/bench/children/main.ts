/** The start of every child process of the bench: it becomes what its command line says, and does as it is told. */
import { answerCalls } from "./answer.ts";
import { bareCalls } from "./bare.ts";
import { bareSocketReceiverCalls, bareSocketSenderCalls } from "./bare-socket.ts";
import { growerCalls } from "../growth/child.ts";
import { inProcessCalls } from "./in-process.ts";
import { memberCalls } from "./member.ts";
import { receiverCalls } from "./receiver.ts";
import type { Setup } from "./messages.ts";
import { senderCalls } from "./sender.ts";

const roles = {
  "in-process": inProcessCalls,
  sender: senderCalls,
  receiver: receiverCalls,
  member: memberCalls,
  grower: growerCalls,
  bare: bareCalls,
  "bare-socket-sender": bareSocketSenderCalls,
  "bare-socket-receiver": bareSocketReceiverCalls,
};

const setup = JSON.parse(process.argv[2] ?? "") as Setup;
answerCalls(setup, await roles[setup.role](setup));
