/**
 * Attaching: the source is sealed piece by piece, moved to its place under the file id that came of it, made durable, and
 * only then is the descriptor recorded, made durable and sent on. Whatever goes wrong before that leaves nothing behind:
 * slices that no descriptor names are removed here, or when the store is next opened.
 */
import { bytesToHex } from "../base/bytes.ts";
import { epochMs, type EpochMs, type FileId } from "../base/ids.ts";
import { unwrap } from "../base/result.ts";
import type { Group, Identity } from "../base/identity.ts";
import { wipe } from "../crypto/index.ts";
import { FileSyncError } from "../errors.ts";
import { FileSealer, type SealedFile } from "../file/sealer.ts";
import type { Host } from "../host/host.ts";
import { fileKeyBytes, nonceBytes, noncePrefixBytes, priorityDefault } from "../limits.ts";
import type { Engine } from "../sync/engine.ts";
import { createFileVerified, createMessageAttachment } from "../../events/index.ts";
import { attachTarget, type AttachTarget } from "./attach-target.ts";
import { checkAttach, checkSource, type CheckedAttach } from "./options.ts";
import { type SealingThread, startSealingThread } from "./sealing-thread.ts";
import { orAborted, piecesOf, throwIfAborted } from "./source.ts";
import type { Attachment, AttachmentSource, AttachOptions } from "./types.ts";

export interface AttachContext {
  readonly engine: Engine;
  readonly host: Host;
  readonly identity: Identity;
  readonly group: () => Group;
  /** No two attachments of this device have the same: their order is that in which they were attached. */
  readonly createdAtMs: EpochMs;
  /** Aborted when the instance is closed. */
  readonly closing: AbortSignal;
}

export async function attach(
  context: AttachContext,
  source: AttachmentSource,
  options: AttachOptions,
): Promise<Attachment> {
  const checked = checkAttach(options);
  const fileBytes = checkSource(source, options.fileBytes);
  const signals = options.signal === undefined ? [context.closing] : [options.signal, context.closing];
  throwIfAborted(signals);
  const { host, engine } = context;
  const { slices } = engine.log;
  const fileKey = host.random.bytes(fileKeyBytes);
  const noncePrefix = host.random.bytes(noncePrefixBytes);
  const place = bytesToHex(host.random.bytes(16));
  let target: AttachTarget | undefined;
  let fileId: FileId | undefined;
  let helper: SealingThread | undefined;
  let sealer: FileSealer | undefined;
  try {
    target = attachTarget(slices, place, fileBytes);
    helper = startSealingThread({ fileKey, noncePrefix }, fileBytes);
    sealer = new FileSealer({ target, fileKey, noncePrefix, fileBytes, helper });
    for await (const piece of piecesOf(source, host.clock, signals)) {
      unwrap(sealer.push(piece));
      options.onProgress?.({ bytesDone: sealer.bytesTaken, fileBytes });
    }
    await orAborted(new Promise<void>((resolve) => sealer?.settle(resolve)), signals);
    const sealed = unwrap(sealer.finish());
    helper?.close();
    const id = (fileId = sealed.fileId);
    const moving = target;
    await host.flushFile(id, () => moving.moveTo(id, { ...sealed, noncePrefix }));
    throwIfAborted(signals);
    return await announce(context, sealed, { fileKey, noncePrefix }, checked);
  } catch (thrown) {
    // Before its target goes: nothing more is to be written there.
    helper?.close();
    await leaveNothing(context, target, fileId);
    throw thrown;
  } finally {
    helper?.close();
    sealer?.wipe();
    wipe(fileKey);
  }
}

/** The failure that came first is the one that is told. What cannot be removed now goes when the store is next opened. */
async function leaveNothing(
  { engine, host }: AttachContext,
  target: AttachTarget | undefined,
  fileId: FileId | undefined,
): Promise<void> {
  try {
    target?.giveUp();
    if (fileId === undefined) return;
    const id = fileId;
    // Recorded, but nobody can say whether it is durable: it is taken back.
    if (engine.log.queries.descriptor(id) === undefined) engine.log.slices.remove(id);
    else await host.command((each, now) => each.delete(id, now));
  } catch (thrown) {
    if (!(thrown instanceof FileSyncError)) throw thrown;
  }
}

interface Secrets {
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
}

async function announce(
  context: AttachContext,
  sealed: SealedFile,
  secrets: Secrets,
  checked: CheckedAttach,
): Promise<Attachment> {
  const { host, identity, engine, createdAtMs } = context;
  const { fileId, fileBytes, rootHash } = sealed;
  const { messageId, name, mediaType, width, height, preview, ttlMs } = checked;
  const fields = {
    ...secrets,
    messageId,
    fileId,
    fileBytes,
    rootHash,
    name,
    mediaType,
    width,
    height,
    preview,
    createdAtMs,
    ttlMs,
  };
  const [groupKey] = context.group().keys;
  const descriptor = createMessageAttachment(fields, identity, groupKey as Uint8Array, host.random.bytes(nonceBytes));
  const sequence = engine.log.nextSequence();
  const verified = createFileVerified(
    { sequence, fileId, priority: priorityDefault, requestedAtMs: createdAtMs },
    createdAtMs,
    identity,
  );
  // The descriptor last: should the space end between the two, there is no attachment without its slices.
  await host.command((each, at) => each.addAttachment([verified, descriptor], at));
  // Durable now: it may be told.
  engine.announce([descriptor.id]);
  host.pump();
  const expiresAtMs = epochMs(ttlMs === 0 ? 0 : createdAtMs + ttlMs);
  return {
    fileId,
    messageId,
    author: identity.peerId,
    createdAtMs,
    expiresAtMs,
    fileBytes,
    name,
    mediaType,
    width,
    height,
    preview,
  };
}
