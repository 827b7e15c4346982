/** One run: a file goes from a fresh process with a store of its own to another one, and what that took. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChildProcess } from "../child-process.ts";
import type { Role, SourceFile } from "../children/messages.ts";
import type { Fetched, Prepared, Usage } from "./children/contract.ts";
import type { ReceiverCalls, SenderCalls } from "./children/ends.ts";
import { diskBytesOf, digestOfFile } from "./disk.ts";
import { childPathOf } from "./install.ts";
import type { Measured, Resume } from "./results.ts";
import { awaitQuiet, loopbackBytes, machineCpuSeconds } from "./system-load.ts";

/** What is on its way to a killed receiver is sent and counted before it comes back. */
const settleMs = 500;

export interface Transfer {
  readonly peer: string;
  readonly libraryUrl: string;
  readonly source: SourceFile & { readonly digest: string };
  /** Removed before and after. */
  readonly folder: string;
  readonly quietSecondsMax: number;
  /** Kill the receiver at this part of the file and let another one go on. */
  readonly killAt: number | undefined;
}

type Sender = ChildProcess<SenderCalls>;
type Receiver = ChildProcess<ReceiverCalls>;

export async function transfer(run: Transfer): Promise<Measured> {
  const children: { stop(): Promise<void> }[] = [];
  const start = <C extends SenderCalls | ReceiverCalls>(role: Role): ChildProcess<C> => {
    const built = { childPath: childPathOf(run.peer), libraryUrl: run.libraryUrl };
    const child = new ChildProcess<C>(built, role, undefined);
    children.push(child);
    return child;
  };
  await rm(run.folder, { recursive: true, force: true });
  await mkdir(run.folder, { recursive: true });
  try {
    await digestOfFile(run.source.path); // in the page cache for everyone
    const sender: Sender = start<SenderCalls>("sender");
    const folder = join(run.folder, "sender");
    const prepared = await sender.call("prepare", { folder, source: run.source });
    const nextReceiver = (): Receiver => start<ReceiverCalls>("receiver");
    const resume =
      run.killAt === undefined ? undefined : await killAt(run, run.killAt, sender, nextReceiver(), prepared);
    return await measure({ run, sender, receiver: nextReceiver(), prepared, resume });
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(run.folder, { recursive: true, force: true });
  }
}

const receiverFolder = ({ folder }: Transfer): string => join(folder, "receiver");

async function prepareReceiver(run: Transfer, sender: Sender, receiver: Receiver, { info }: Prepared): Promise<void> {
  const folder = receiverFolder(run);
  const { fileBytes, digest } = run.source;
  const isResumed = existsSync(folder);
  const isWatched = run.killAt !== undefined && !isResumed;
  await receiver.call("prepare", { folder, fileBytes, digest, info, isWatched, isResumed });
  // Most receivers have nothing to say; they end with this call open.
  receiver.call("word", undefined).then(
    (word) => sender.call("told", word).catch(() => {}),
    () => {},
  );
}

/** The first receiver's life. */
async function killAt(
  run: Transfer,
  fraction: number,
  sender: Sender,
  receiver: Receiver,
  prepared: Prepared,
): Promise<Resume> {
  await prepareReceiver(run, sender, receiver, prepared);
  const loopbackBefore = loopbackBytes();
  const reached = receiver.call("reached", fraction);
  const ended = receiver.call("fetch", undefined).then(() => "ended" as const);
  for (const call of [reached, ended]) call.catch(() => {}); // the kill fails whichever is open
  const first = await Promise.race([reached, ended]);
  await receiver.stop();
  if (first === "ended") throw new Error(`was done before ${fraction} of it was seen: take a larger file`);
  await sleep(settleMs);
  const keptDiskBytes = await diskBytesOf(receiverFolder(run));
  return { killedAt: first, firstWireBytes: loopbackBytes() - loopbackBefore, keptDiskBytes };
}

interface Ready {
  readonly run: Transfer;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly prepared: Prepared;
  readonly resume: Resume | undefined;
}

async function measure({ run, sender, receiver, prepared, resume }: Ready): Promise<Measured> {
  const loopbackBeforeAll = loopbackBytes();
  await prepareReceiver(run, sender, receiver, prepared);
  await awaitQuiet(run.quietSecondsMax);
  const senderBefore = await sender.call("usage", undefined);
  // One that comes back may get something before it is asked to go on: that counts as sent, too.
  const loopbackBefore = resume === undefined ? loopbackBytes() : loopbackBeforeAll;
  const [machineBefore, ownBefore] = [machineCpuSeconds(), ownCpuSeconds()];
  const fetched = await receiver.call("fetch", undefined);
  const wireBytes = loopbackBytes() - loopbackBefore;
  const [machineCpu, ownCpu] = [machineCpuSeconds() - machineBefore, ownCpuSeconds() - ownBefore];
  const senderAfter = await sender.call("usage", undefined);
  await receiver.call("close", undefined);
  await receiver.stop();
  const receiverDiskBytes = await diskBytesOf(receiverFolder(run));
  // Of the whole time that the machine was watched, reading back included.
  const contenderCpu = between(fetched.atStart, fetched.atEnd) + between(senderBefore, senderAfter);
  const foreignCpuSeconds = Math.max(0, machineCpu - ownCpu - contenderCpu);
  const times = timesOf(fetched, prepared);
  return {
    ...times,
    senderPeakRssBytes: senderAfter.peakRssBytes,
    senderCpuSeconds: between(senderBefore, senderAfter),
    wireBytes,
    receiverDiskBytes,
    foreignCpuSeconds,
    ...(resume === undefined ? {} : { resume }),
  };
}

function timesOf(fetched: Fetched, prepared: Prepared) {
  const { seconds, flushSeconds, readBackSeconds, setupSeconds, atStart, afterFetch } = fetched;
  return {
    seconds,
    flushSeconds,
    readBackSeconds,
    ...(setupSeconds === undefined ? {} : { setupSeconds }),
    ingestSeconds: prepared.ingestSeconds,
    receiverPeakRssBytes: afterFetch.peakRssBytes,
    receiverStartRssBytes: atStart.peakRssBytes,
    receiverCpuSeconds: between(atStart, afterFetch),
  };
}

const between = (before: Usage, after: Usage): number => after.cpuSeconds - before.cpuSeconds;

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
