/**
 * The process of either end. The clock is here and the same for all: it starts when the receiver asks, and stops when the
 * file is proved and every file and folder below the receiver's is flushed. Loading, opening the store and, where the
 * contender's API separates it, connecting are before.
 */
import { mkdir } from "node:fs/promises";
import { answerCalls } from "../../children/answer.ts";
import { peakRssBytes } from "../../children/measure.ts";
import type { Setup } from "../../children/messages.ts";
import { flushTree } from "../disk.ts";
import type {
  Contender,
  Fetched,
  Info,
  Prepared,
  ReceiverEnd,
  ReceiverPrepare,
  SenderEnd,
  SenderPrepare,
  Usage,
} from "./contract.ts";

/** A contender that does not end by itself is killed. */
const closeMsMax = 10_000;

export type SenderCalls = ReturnType<typeof senderCalls<Info>>;
export type ReceiverCalls = ReturnType<typeof receiverCalls<Info>>;

export function runEnd<I extends Info>(contender: Contender<I>): void {
  const setup = JSON.parse(process.argv[2] ?? "") as Setup;
  answerCalls(setup, setup.role === "sender" ? senderCalls(setup, contender) : receiverCalls(setup, contender));
}

function usage(): Usage {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return { peakRssBytes: peakRssBytes(), cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
}

const secondsSince = (startedAtMs: number): number => (performance.now() - startedAtMs) / 1000;

function senderCalls<I extends Info>(setup: Setup, contender: Contender<I>) {
  let end: SenderEnd<I> | undefined;
  return {
    async prepare(task: SenderPrepare): Promise<Prepared> {
      await mkdir(task.folder, { recursive: true });
      let beganAtMs = performance.now();
      const begin = (): void => {
        beganAtMs = performance.now();
      };
      end = await contender.sender({ ...task, setup, begin });
      return { info: end.info, ingestSeconds: secondsSince(beganAtMs), ...usage() };
    },
    async told(word: Info): Promise<void> {
      end?.told?.(word);
    },
    usage: async (): Promise<Usage> => usage(),
  };
}

function receiverCalls<I extends Info>(setup: Setup, contender: Contender<I>) {
  let task: ReceiverPrepare | undefined;
  let end: ReceiverEnd | undefined;
  let awaited: { readonly fraction: number; resolve(fraction: number): void } | undefined;
  let speak = (_word: Info): void => {};
  const word = new Promise<Info>((resolve) => {
    speak = resolve;
  });

  return {
    async prepare(given: ReceiverPrepare): Promise<void> {
      task = given;
      await mkdir(given.folder, { recursive: true });
      const progress = (fraction: number): void => {
        if (awaited !== undefined && fraction >= awaited.fraction) awaited.resolve(fraction);
      };
      end = await contender.receiver({ ...given, info: given.info as I, setup, progress, tellSender: speak });
    },
    /** What the receiver has to tell the sender; most never do. */
    word: (_: undefined): Promise<Info> => word,
    /** Answered with how far it is as soon as it is that far. */
    reached: (fraction: number): Promise<number> =>
      new Promise((resolve) => {
        awaited = { fraction, resolve };
      }),
    async fetch(_: undefined): Promise<Fetched> {
      if (task === undefined || end === undefined) throw new Error("not prepared");
      const atStart = usage();
      const askedAtMs = performance.now();
      const detail = await end.receive();
      const provedAtMs = performance.now();
      await flushTree(task.folder);
      const seconds = secondsSince(askedAtMs);
      const flushSeconds = secondsSince(provedAtMs);
      const afterFetch = usage();
      const readAtMs = performance.now();
      if ((await end.digest()) !== task.digest) throw new Error("what arrived is not what was sent");
      const readBackSeconds = secondsSince(readAtMs);
      return { ...detail, seconds, flushSeconds, readBackSeconds, atStart, afterFetch, atEnd: usage() };
    },
    async close(_: undefined): Promise<void> {
      const late = new Promise((resolve) => setTimeout(resolve, closeMsMax));
      await Promise.race([end?.close(), late]);
    },
  };
}
