/**
 * Attaching: the source is sealed piece by piece into a file of its own, made durable, moved to its place under the file
 * id that came of it, and only then is the descriptor recorded, made durable and sent on. Whatever goes wrong before
 * that leaves nothing behind.
 */
import { bytesToHex } from "../base/bytes.ts";
import { epochMs } from "../base/ids.ts";
import { unwrap } from "../base/result.ts";
import type { Group, Identity } from "../base/identity.ts";
import type { Storage, StorageFile } from "../base/storage.ts";
import { wipe } from "../crypto/index.ts";
import { FileSealer, type SealedFile } from "../file/sealer.ts";
import type { Host } from "../host/host.ts";
import { fileKeyBytes, nonceBytes, noncePrefixBytes, priorityDefault } from "../limits.ts";
import type { Engine } from "../sync/engine.ts";
import { createFileVerified, createMessageAttachment } from "../../events/index.ts";
import { checkAttach, type CheckedAttach } from "./options.ts";
import { lengthOf, piecesOf } from "./source.ts";
import type { Attachment, AttachmentSource, AttachOptions } from "./types.ts";

export interface AttachContext {
  readonly engine: Engine;
  readonly host: Host;
  readonly storage: Storage;
  readonly identity: Identity;
  readonly group: () => Group;
}

export async function attach(
  context: AttachContext,
  source: AttachmentSource,
  options: AttachOptions,
): Promise<Attachment> {
  const checked = checkAttach(options);
  options.signal?.throwIfAborted();
  const { host, engine } = context;
  const { slices } = engine.log;
  const fileKey = host.random.bytes(fileKeyBytes);
  const noncePrefix = host.random.bytes(noncePrefixBytes);
  const place = bytesToHex(host.random.bytes(16));
  let target: StorageFile | undefined = slices.createAttaching(place);
  try {
    const sealed = await seal(context, target, { fileKey, noncePrefix }, source, options);
    await target.flush();
    target.close();
    target = undefined;
    options.signal?.throwIfAborted();
    slices.adoptAttaching(place, sealed.fileId, { ...sealed, noncePrefix });
    await slices.flush(sealed.fileId);
    await context.storage.flushNames();
    return await announce(context, sealed, { fileKey, noncePrefix }, checked);
  } catch (thrown) {
    target?.close();
    slices.removeAttaching(place);
    throw thrown;
  } finally {
    wipe(fileKey);
  }
}

interface Secrets {
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
}

async function seal(
  context: AttachContext,
  target: StorageFile,
  secrets: Secrets,
  source: AttachmentSource,
  options: AttachOptions,
): Promise<SealedFile> {
  const fileBytes = lengthOf(source) ?? options.fileBytes;
  const sealer = new FileSealer({ target, ...secrets, fileBytes });
  for await (const piece of piecesOf(source, context.host.clock, options.signal)) {
    unwrap(sealer.push(piece));
    options.onProgress?.({ bytesDone: sealer.bytesTaken, fileBytes });
  }
  return unwrap(sealer.finish());
}

async function announce(
  context: AttachContext,
  sealed: SealedFile,
  secrets: Secrets,
  checked: CheckedAttach,
): Promise<Attachment> {
  const { host, identity, engine } = context;
  const now = host.clock.nowMs();
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
    createdAtMs: now,
    ttlMs,
  };
  const [groupKey] = context.group().keys;
  const descriptor = createMessageAttachment(fields, identity, groupKey as Uint8Array, host.random.bytes(nonceBytes));
  const sequence = engine.log.nextSequence();
  const verified = createFileVerified(
    { sequence, fileId, priority: priorityDefault, requestedAtMs: now },
    now,
    identity,
  );
  await host.command((each, at) => each.addAttachment([descriptor, verified], at));
  // Durable now: it may be told.
  engine.announce([descriptor.id]);
  host.pump();
  const expiresAtMs = epochMs(ttlMs === 0 ? 0 : now + ttlMs);
  return {
    fileId,
    messageId,
    author: identity.peerId,
    createdAtMs: now,
    expiresAtMs,
    fileBytes,
    name,
    mediaType,
    width,
    height,
    preview,
  };
}
