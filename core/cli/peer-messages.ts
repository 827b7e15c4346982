/** What the demo and its two processes say to each other, over Node's own channel between parent and child. */
import type { GroupOptions, IdentityKeys, Progress } from "../index.ts";

/** The first message: who the process is. */
export interface PeerSetup {
  readonly storePath: string;
  readonly identity: IdentityKeys;
  readonly group: GroupOptions;
  /** Dials this; listens on a port of its own when there is none. */
  readonly dialUrl: string | undefined;
}

/** What the demo can ask of a process; arguments and results are plain data. */
export interface PeerCommands {
  attach(path: string, name: string, fileBytes: number): Promise<string>;
  /** Resolves when the descriptor has arrived. */
  awaitAttachment(fileId: string): Promise<{ readonly name: string }>;
  request(fileId: string): Promise<void>;
  pause(fileId: string): Promise<void>;
  resume(fileId: string): Promise<void>;
  cancel(fileId: string): Promise<void>;
  /** Resolves when the file is complete and durable. */
  awaitComplete(fileId: string): Promise<void>;
  progress(fileId: string): Promise<Progress | undefined>;
  /** Writes a complete file out. */
  save(fileId: string, path: string): Promise<void>;
  /** Slices that were refused because nobody wants them any more, in messages. */
  lateMessagesRefused(): Promise<number>;
  close(): Promise<void>;
}

export type CommandName = keyof PeerCommands;

export interface CommandMessage {
  readonly call: number;
  readonly name: CommandName;
  readonly args: readonly unknown[];
}

export type PeerMessage =
  | { readonly kind: "loaded" }
  | { readonly kind: "ready"; readonly port: number | undefined; readonly downloads: readonly Progress[] }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "answer"; readonly call: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly call: number; readonly message: string };
