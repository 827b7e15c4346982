/**
 * A process to measure. It is told what to do by calls, over the channel that Node gives to child processes; each call
 * has a time limit, and when the parent goes the child goes too, so nothing is left running.
 */
import { fork, type ChildProcess as NodeChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Built } from "./build.ts";
import type { Answer, Call, Role, Setup } from "./children/messages.ts";

/** The slowest thing that is asked, reading a file of several GiB back, takes a fraction of that. */
const callTimeoutMs = 300_000;

/** What a child can be told: each takes one argument. */
export type Calls = Record<string, (argument: never) => Promise<unknown>>;

export class ChildProcess<C extends Calls> {
  readonly #child: NodeChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #lastCall = 0;

  constructor(built: Built, role: Role, profileFolder: string | undefined) {
    const setup: Setup = { role, libraryUrl: built.libraryUrl, profileFolder };
    // Not with our own flags: this process runs under tsx.
    this.#child = fork(built.childPath, [JSON.stringify(setup)], { execArgv: [], serialization: "advanced" });
    this.#child.on("message", (message) => this.#answered(message as Answer));
    this.#child.on("exit", (code, signal) => this.#failAll(new Error(`${role} ended (${signal ?? code})`)));
    this.#child.on("error", (error) => this.#failAll(error));
  }

  call<N extends keyof C & string>(name: N, argument: Parameters<C[N]>[0]): Promise<Awaited<ReturnType<C[N]>>> {
    const id = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} took over ${callTimeoutMs} ms`)), callTimeoutMs);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        settle();
      };
      this.#waiting.set(id, {
        resolve: (value) => finish(() => resolve(value as Awaited<ReturnType<C[N]>>)),
        reject: (error) => finish(() => reject(error)),
      });
      const call: Call = { id, name, argument };
      this.#child.send(call);
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("a process did not start");
    return this.#child.pid;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #answered({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  #failAll(error: Error): void {
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}
