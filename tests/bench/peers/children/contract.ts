/** What a contender brings: a process that has the file, and one that wants it. */
import type { Setup, SourceFile } from "../../children/messages.ts";

/** What the sender tells the receiver out of band, as an app would: an address, a key, a name. */
export type Info = Readonly<Record<string, unknown>>;

export interface Contender<I extends Info> {
  sender(task: SenderTask): Promise<SenderEnd<I>>;
  receiver(task: ReceiverTask<I>): Promise<ReceiverEnd>;
}

export interface SenderTask {
  readonly setup: Setup;
  /** There, and empty. */
  readonly folder: string;
  readonly source: SourceFile & { readonly digest: string };
  /** Everything is loaded and open: what follows is taking the file in. */
  begin(): void;
}

export interface SenderEnd<I extends Info> {
  readonly info: I;
  /** For a sender that is the one who dials. */
  told?(word: Info): void;
}

export interface ReceiverTask<I extends Info> {
  readonly setup: Setup;
  readonly folder: string;
  readonly fileBytes: number;
  readonly digest: string;
  readonly info: I;
  /** Someone waits for `progress`: this one will be killed halfway. */
  readonly isWatched: boolean;
  /** The folder has what a killed one left. Nothing of the file may be asked for before `receive`. */
  readonly isResumed: boolean;
  progress(fraction: number): void;
  tellSender(word: Info): void;
}

export interface ReceiverEnd {
  /** From asking until the whole file is there and proved by the contender's own means; flushing is the harness's. */
  receive(): Promise<Detail>;
  /** SHA-256 of what the store holds, not timed. */
  digest(): Promise<string>;
  close(): Promise<void>;
}

export interface Detail {
  /** The part of `receive` that went by before content could be asked for, where ours did that before the clock. */
  readonly setupSeconds?: number;
}

export interface Usage {
  readonly peakRssBytes: number;
  /** Of the whole life of the process, all threads. */
  readonly cpuSeconds: number;
}

export type SenderPrepare = Omit<SenderTask, "setup" | "begin">;
export type ReceiverPrepare = Omit<ReceiverTask<Info>, "setup" | "progress" | "tellSender">;

export interface Prepared extends Usage {
  readonly info: Info;
  readonly ingestSeconds: number;
}

export interface Fetched extends Detail {
  /** From the question until everything below the receiver's folder is flushed. */
  readonly seconds: number;
  /** The last part of it: flushing. */
  readonly flushSeconds: number;
  readonly readBackSeconds: number;
  readonly atStart: Usage;
  readonly afterFetch: Usage;
  readonly atEnd: Usage;
}
