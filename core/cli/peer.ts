/**
 * The parent's end of one process: starts it, asks it, kills it. Everything has a time limit; a process that ends
 * unasked fails whatever waits for it.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Progress } from "../index.ts";
import { closeTimeoutMs, stepTimeoutMs } from "./demo-limits.ts";
import type { CommandName, PeerCommands, PeerMessage, PeerSetup } from "./peer-messages.ts";

type Answer<Name extends CommandName> = Awaited<ReturnType<PeerCommands[Name]>>;

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Every process that runs now; whoever has to leave in a hurry kills these. */
const running = new Set<ChildProcess>();

export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export class Peer {
  readonly #title: string;
  readonly #child: ChildProcess;
  readonly #waiters = new Map<number, Waiter>();
  readonly #latest = new Map<string, Progress>();
  readonly #listeners = new Set<(progress: Progress) => void>();
  readonly #exited: Promise<NodeJS.Signals | undefined>;
  #calls = 0;
  #isEnding = false;
  #port: number | undefined;

  private constructor(title: string) {
    this.#title = title;
    // With the flags of this process, so that it is run by the same loader.
    this.#child = fork(fileURLToPath(new URL("./peer-process.ts", import.meta.url)), { serialization: "advanced" });
    const child = this.#child;
    running.add(child);
    this.#exited = new Promise((resolve) => {
      child.once("exit", (_code, signal) => {
        running.delete(child);
        this.#fail(new Error(`the ${title} ended${this.#isEnding ? "" : " unexpectedly"}`));
        resolve(signal ?? undefined);
      });
    });
  }

  /** Resolves when its store is open and it listens or dials. */
  static async start(title: string, setup: PeerSetup): Promise<Peer> {
    const peer = new Peer(title);
    const ready = peer.#wait(0, "start", stepTimeoutMs);
    peer.#child.on("message", (message) => peer.#received(message as PeerMessage, setup));
    peer.#child.on("error", (error) => peer.#fail(error));
    await ready;
    return peer;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get port(): number {
    if (this.#port === undefined) throw new Error(`the ${this.#title} does not listen`);
    return this.#port;
  }

  latest(fileId: string): Progress | undefined {
    return this.#latest.get(fileId);
  }

  /** Called with the latest progress of each file, and whenever it changes. Returns how to stop. */
  onProgress(listener: (progress: Progress) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  call<Name extends CommandName>(name: Name, ...args: Parameters<PeerCommands[Name]>): Promise<Answer<Name>> {
    return this.callWithin(stepTimeoutMs, name, ...args);
  }

  callWithin<Name extends CommandName>(
    timeoutMs: number,
    name: Name,
    ...args: Parameters<PeerCommands[Name]>
  ): Promise<Answer<Name>> {
    const call = ++this.#calls;
    const answer = this.#wait(call, name, timeoutMs);
    this.#child.send({ call, name, args }, (error) => {
      if (error !== null) this.#take(call)?.reject(error);
    });
    return answer as Promise<Answer<Name>>;
  }

  /** Resolves at the first progress of the file that fits. */
  whenProgress(fileId: string, fits: (progress: Progress) => boolean, timeoutMs: number): Promise<Progress> {
    const call = ++this.#calls;
    const answer = this.#wait(call, "progress", timeoutMs);
    const look = (progress: Progress | undefined): void => {
      if (progress?.fileId === fileId && fits(progress)) this.#take(call)?.resolve(progress);
    };
    const stop = this.onProgress(look);
    look(this.latest(fileId));
    return (answer as Promise<Progress>).finally(stop);
  }

  /** SIGKILL: no chance to save anything. Resolves with the signal that ended it. */
  kill(): Promise<NodeJS.Signals | undefined> {
    this.#isEnding = true;
    this.#child.kill("SIGKILL");
    return this.#exited;
  }

  async close(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.callWithin(closeTimeoutMs, "close").catch(() => {});
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), closeTimeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #received(message: PeerMessage, setup: PeerSetup): void {
    switch (message.kind) {
      case "loaded":
        this.#child.send(setup);
        break;
      case "ready":
        this.#port = message.port;
        for (const progress of message.downloads) this.#latest.set(progress.fileId, progress);
        this.#take(0)?.resolve(undefined);
        break;
      case "failed":
        this.#fail(new Error(`the ${this.#title}: ${message.message}`));
        break;
      case "progress":
        this.#latest.set(message.progress.fileId, message.progress);
        for (const listener of [...this.#listeners]) listener(message.progress);
        break;
      case "answer":
        this.#take(message.call)?.resolve(message.value);
        break;
      case "refusal":
        this.#take(message.call)?.reject(new Error(`the ${this.#title}: ${message.message}`));
        break;
      default:
        message satisfies never;
    }
  }

  #wait(call: number, what: string, timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiters.set(call, { resolve, reject });
      timer = setTimeout(() => {
        this.#take(call)?.reject(new Error(`the ${this.#title}: ${what} took over ${timeoutMs / 1000} s`));
      }, timeoutMs);
    });
    return answer.finally(() => clearTimeout(timer));
  }

  #take(call: number): Waiter | undefined {
    const waiter = this.#waiters.get(call);
    this.#waiters.delete(call);
    return waiter;
  }

  #fail(error: Error): void {
    for (const call of [...this.#waiters.keys()]) this.#take(call)?.reject(error);
  }
}
