/**
 * One of the demo's two processes: what an app would do, on the public face only. It does as it is told over the channel
 * to its parent, tells of every progress, and ends when that channel does: whatever becomes of the parent, nothing is
 * left running.
 */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { openFileSync, type FileSync, type Logger, type Progress } from "../index.ts";
import { fileSource, nodeStorage, nodeWebSocketTransport, webSocketServer } from "../node.ts";
import type { CommandMessage, PeerCommands, PeerMessage, PeerSetup } from "./peer-messages.ts";

let lateMessagesRefused = 0;

// Ctrl-C goes to every process of a terminal; the parent decides what happens.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.once("message", (message) => {
  void run(message as PeerSetup).catch((thrown: unknown) => tell({ kind: "failed", message: textOf(thrown) }));
});
tell({ kind: "loaded" });

async function run(setup: PeerSetup): Promise<void> {
  const { storePath, identity, group, dialUrl } = setup;
  const server = dialUrl === undefined ? webSocketServer() : undefined;
  const transport = server ?? nodeWebSocketTransport({ connect: dialUrl as string });
  const sync = await openFileSync({ storage: nodeStorage(storePath), identity, group, transport, logger });
  // Before anything can have arrived: what is held is what the last process left.
  tell({ kind: "ready", port: server?.address().port, downloads: [...sync.downloads().values()] });
  tellProgress(sync);
  const commands = commandsOf(sync);
  process.on("message", (message) => void answer(commands, message as CommandMessage));
}

async function answer(commands: PeerCommands, { call, name, args }: CommandMessage): Promise<void> {
  try {
    const command = commands[name] as (...args: readonly unknown[]) => Promise<unknown>;
    tell({ kind: "answer", call, value: await command(...args) });
  } catch (thrown) {
    tell({ kind: "refusal", call, message: textOf(thrown) });
  }
  if (name === "close") process.disconnect();
}

function commandsOf(sync: FileSync): PeerCommands {
  return {
    async attach(path, name, fileBytes) {
      const messageId = crypto.randomUUID();
      const { fileId } = await sync.attach(fileSource(path), { messageId, name, fileBytes });
      return fileId;
    },
    awaitAttachment: (fileId) => attachmentOf(sync, fileId),
    request: (fileId) => sync.request(fileId),
    pause: (fileId) => sync.pause(fileId),
    resume: (fileId) => sync.resume(fileId),
    cancel: (fileId) => sync.cancel(fileId),
    awaitComplete: (fileId) => sync.whenComplete(fileId),
    progress: async (fileId) => sync.progress(fileId),
    async save(fileId, path) {
      const bytes = Readable.fromWeb(sync.read(fileId) as NodeReadableStream);
      await pipeline(bytes, createWriteStream(path, { flags: "wx" }));
    },
    lateMessagesRefused: async () => lateMessagesRefused,
    close: () => sync.close(),
  };
}

function attachmentOf(sync: FileSync, fileId: string): Promise<{ readonly name: string }> {
  return new Promise((resolve) => {
    const look = (): void => {
      const found = sync.attachments().find((attachment) => attachment.fileId === fileId);
      if (found === undefined) return;
      unsubscribe();
      resolve({ name: found.name });
    };
    const unsubscribe = sync.subscribe(look);
    look();
  });
}

function tellProgress(sync: FileSync): void {
  let before: ReadonlyMap<string, Progress> = new Map();
  const look = (): void => {
    const now = sync.downloads();
    for (const [fileId, progress] of now) if (before.get(fileId) !== progress) tell({ kind: "progress", progress });
    before = now;
  };
  sync.subscribe(look);
  look();
}

function tell(message: PeerMessage): void {
  if (process.connected) process.send?.(message);
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Refusals are told to the log only: nobody but the sender did anything wrong. */
const logger: Logger = {
  debug() {},
  info(_message, fields) {
    if (fields?.["code"] === "not_wanted") lateMessagesRefused++;
  },
  warn() {},
  error() {},
};
