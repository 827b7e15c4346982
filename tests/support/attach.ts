/** Attaching and reading as core/api does it, in steps that a simulation can crash between. */
import { concatBytes } from "../../core/base/bytes.ts";
import type { FileId, MessageId } from "../../core/base/ids.ts";
import type { Random } from "../../core/base/random.ts";
import { attachTarget, type AttachTarget } from "../../core/api/attach-target.ts";
import { ok, unwrap, type Result } from "../../core/base/result.ts";
import { FileSyncError } from "../../core/errors.ts";
import { openBytes } from "../../core/file/opener.ts";
import { FileSealer, type SealedFile } from "../../core/file/sealer.ts";
import { fileKeyBytes, nonceBytes, noncePrefixBytes } from "../../core/limits.ts";
import type { EventLog } from "../../core/log/event-log.ts";
import type { Engine } from "../../core/sync/engine.ts";
import { bytesToHex } from "../../core/base/bytes.ts";
import { createFileVerified, createMessageAttachment, type Event } from "../../events/index.ts";
import type { Device } from "./device.ts";

export interface AttachOptions {
  readonly messageId?: MessageId;
  readonly name?: string;
  readonly mediaType?: string;
  readonly preview?: Uint8Array;
  /** 0: for ever. */
  readonly ttlMs?: number;
  readonly priority?: number;
  /** Seals as a stream whose length is not known beforehand. */
  readonly isStream?: boolean;
}

interface Attaching {
  readonly engine: Engine;
  readonly bytes: Uint8Array;
  readonly fileKey: Uint8Array;
  readonly noncePrefix: Uint8Array;
  readonly place: string;
}

const chunkBytes = 64 * 1024;

/** Resolves when the attachment is durable and announced; what it awaits is flushes alone. */
export async function attachFile(
  device: Device,
  bytes: Uint8Array,
  options: AttachOptions,
  random: Random,
  now: () => number,
): Promise<FileId> {
  const { engine, log } = device;
  const fileKey = random.bytes(fileKeyBytes);
  const noncePrefix = random.bytes(noncePrefixBytes);
  const attaching = { engine, bytes, fileKey, noncePrefix, place: bytesToHex(random.bytes(8)) };
  const sealed = seal(attaching, options);
  const { fileId } = sealed;
  await log.slices.flush(fileId);
  const messageId = options.messageId ?? (bytesToHex(random.bytes(16)) as MessageId);
  const [descriptor, verified] = eventsOf(
    device,
    attaching,
    sealed,
    { ...options, messageId },
    random.bytes(nonceBytes),
    now(),
  );
  unwrap(device.command((_, at) => engine.addAttachment([verified, descriptor], at)));
  await log.flush();
  if (device.isUp && device.engine === engine) device.command(() => engine.announce([descriptor.id]));
  return fileId;
}

function seal({ engine, bytes, fileKey, noncePrefix, place }: Attaching, options: AttachOptions): SealedFile {
  const fileBytes = options.isStream === true ? undefined : bytes.length;
  const target = attachTarget(engine.log.slices, place, fileBytes);
  try {
    const sealer = new FileSealer({ target, fileKey, noncePrefix, fileBytes });
    for (let at = 0; at < bytes.length; at += chunkBytes) unwrap(sealer.push(bytes.subarray(at, at + chunkBytes)));
    const sealed = unwrap(sealer.finish());
    target.moveTo(sealed.fileId, { ...sealed, noncePrefix });
    return sealed;
  } catch (thrown) {
    giveUp(target);
    throw thrown;
  }
}

/** The failure that came first is the one that is told. */
function giveUp(target: AttachTarget): void {
  try {
    target.giveUp();
  } catch (thrown) {
    if (!(thrown instanceof FileSyncError)) throw thrown;
  }
}

function eventsOf(
  device: Device,
  { engine, fileKey, noncePrefix }: Attaching,
  { fileId, fileBytes, rootHash }: SealedFile,
  options: AttachOptions & { readonly messageId: MessageId },
  nonce: Uint8Array,
  now: number,
): [descriptor: Event, verified: Event] {
  const { messageId, name = "a file", mediaType = "", preview = new Uint8Array(0), ttlMs = 0, priority = 5 } = options;
  const createdAtMs = now as Parameters<typeof createFileVerified>[1];
  const fields = { messageId, fileId, fileBytes, noncePrefix, fileKey, rootHash, name, mediaType, width: 0, height: 0 };
  const groupKey = device.group.keys[0] as Uint8Array;
  const descriptor = createMessageAttachment(
    { ...fields, preview, createdAtMs, ttlMs },
    device.identity,
    groupKey,
    nonce,
  );
  const sequence = engine.log.nextSequence();
  const verified = createFileVerified({ sequence, fileId, priority, requestedAtMs: now }, createdAtMs, device.identity);
  return [descriptor, verified];
}

/** The plaintext of a file that is complete here. */
export function readAttachment(log: EventLog, fileId: FileId): Uint8Array {
  return unwrap(tryReadAttachment(log, fileId));
}

export function tryReadAttachment(log: EventLog, fileId: FileId): Result<Uint8Array> {
  const descriptor = log.queries.descriptor(fileId);
  if (descriptor === undefined) return { ok: false, error: new FileSyncError("key_missing") };
  if (!log.queries.isVerified(fileId)) return { ok: false, error: new FileSyncError("not_complete") };
  const { fileKey, noncePrefix, fileBytes } = descriptor;
  if (fileBytes === 0) return ok(new Uint8Array(0));
  const file = log.slices.file(fileId, false);
  if (file === undefined) return { ok: false, error: new FileSyncError("at_rest_damaged", { detail: "no slices" }) };
  const parts: Uint8Array[] = [];
  for (let at = 0; at < fileBytes; ) {
    const part = unwrap(openBytes({ file, fileKey, noncePrefix, fileBytes }, at, fileBytes));
    if (!(part instanceof Uint8Array)) {
      return { ok: false, error: new FileSyncError("at_rest_damaged", { detail: `slice ${part.damagedSlice}` }) };
    }
    parts.push(part);
    at += part.length;
  }
  return ok(concatBytes(...parts));
}
