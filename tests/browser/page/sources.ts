/** Everything that a browser has to attach from, and sources that are given up or that fail. */
import type { AttachmentSource, FileSync } from "../../../core/browser.ts";
import { bytesOf, failureOf, openAlone, sha256 } from "./peer.ts";

const sourceBytes = 300_000;
/** As streams from the network come: of any length, not of ours. */
const chunkBytes = 7_001;

export async function everySource() {
  const bytes = bytesOf(3, sourceBytes);
  const sources: Record<string, () => AttachmentSource> = {
    File: () => new File([bytes], "notes.bin"),
    Blob: () => new Blob([bytes]),
    "part of a Blob": () => new Blob([bytes, bytes]).slice(sourceBytes, 2 * sourceBytes),
    Uint8Array: () => bytes,
    "ReadableStream of a Blob": () => new Blob([bytes]).stream(),
    "ReadableStream of our own": () => streamOf(chunks(bytes)),
    "a Response's body": () => new Response(bytes).body as ReadableStream<Uint8Array>,
    "async generator": () => chunks(bytes),
  };
  const sync = await openAlone();
  const hashes: Record<string, string> = {};
  for (const [name, source] of Object.entries(sources)) {
    const { fileId } = await sync.attach(source(), { messageId: crypto.randomUUID() });
    hashes[name] = await sha256(await sync.blob(fileId));
  }
  await sync.close();
  return { hash: await sha256(bytes), hashes };
}

export async function abortedAndFailed() {
  const sync = await openAlone();
  const attach = async (source: AttachmentSource, signal?: AbortSignal) =>
    failureOf(sync.attach(source, { messageId: crypto.randomUUID(), ...(signal === undefined ? {} : { signal }) }));
  const endless = endlessStream();
  const failures = {
    abortedBefore: await attach(new Blob(["x"]), AbortSignal.abort(new Error("not now"))),
    abortedWithin: await attach(endless.stream, endless.abort.signal),
    failing: await attach(failingSource()),
    text: await attach(
      new Response("text").body?.pipeThrough(new TextDecoderStream()) as unknown as ReadableStream<Uint8Array>,
    ),
  };
  const facts = { ...failures, streamCancelled: endless.isCancelled(), left: sync.attachments().length };
  await sync.close();
  return facts;
}

export async function readRange() {
  const bytes = bytesOf(4, 10_000);
  const sync = await openAlone();
  const { fileId } = await sync.attach(bytes, { messageId: crypto.randomUUID() });
  const range = await readAll(sync, fileId, 449, 4_501);
  const abort = new AbortController();
  const reader = sync.read(fileId, { signal: abort.signal }).getReader();
  abort.abort(new Error("seen enough"));
  const facts = {
    isRange: (await sha256(range)) === (await sha256(bytes.slice(449, 4_501))),
    aborted: await failureOf(reader.read()),
    outside: await failureOf(readAll(sync, fileId, 0, 10_001)),
  };
  await sync.close();
  return facts;
}

/** By a reader: a Response would put an error of its own in the place of ours. */
async function readAll(sync: FileSync, fileId: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = sync.read(fileId, { start, end }).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(new Uint8Array(next.value));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function* chunks(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

function streamOf(source: AsyncGenerator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = await source.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
}

/** Gives chunks for as long as they are asked for; after a hundred the signal is aborted. */
function endlessStream() {
  const abort = new AbortController();
  let isCancelled = false;
  let chunkCount = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(chunkBytes));
      if (++chunkCount === 100) abort.abort(new Error("changed my mind"));
    },
    cancel() {
      isCancelled = true;
    },
  });
  return { stream, abort, isCancelled: () => isCancelled };
}

async function* failingSource(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(chunkBytes);
  throw new Error("the disk was pulled out");
}
