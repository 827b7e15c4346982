/** What scenarios do over and over: share a file, fetch it, count what went over the wire. */
import type { FileId } from "../../core/base/ids.ts";
import type { AttachOptions } from "../support/attach.ts";
import type { Device, World } from "../support/world.ts";

export const miB = 1024 * 1024;

/** Attached, and announced to all of them. */
export async function share(
  world: World,
  from: Device,
  to: readonly Device[],
  bytes: Uint8Array,
  options: AttachOptions = {},
): Promise<FileId> {
  const fileId = await world.attach(from, bytes, options);
  await world.run({ until: () => to.every((device) => device.progress(fileId) !== undefined) });
  return fileId;
}

/** Requested, and fetched to the end by all of them. */
export async function fetchFile(world: World, devices: readonly Device[], fileId: FileId): Promise<void> {
  for (const device of devices) device.request(fileId);
  await world.run({ until: () => devices.every((device) => device.status(fileId) === "complete") });
}

/** Requested, and fetched up to that part. */
export async function fetchPart(world: World, device: Device, fileId: FileId, part: number): Promise<void> {
  device.request(fileId);
  await world.run({ until: () => heldPart(device, fileId) >= part });
}

export function heldPart(device: Device, fileId: FileId): number {
  const { slicesReceived = 0, sliceCount = 1 } = device.progress(fileId) ?? {};
  return slicesReceived / (sliceCount ?? 1);
}

/** Slice numbers that went to a device, and how often each did. */
export class SliceCount {
  readonly times = new Map<number, number>();
  total = 0;

  constructor(world: World, fileId: FileId, to: Device) {
    world.tap((passing) => {
      if (passing.name !== "slices" || passing.to !== to) return;
      const message = passing.message();
      if (message?.name !== "slices" || message.fileId !== fileId) return;
      for (const { start, count } of message.runs) {
        for (let slice = start; slice < start + count; slice++) this.times.set(slice, (this.times.get(slice) ?? 0) + 1);
        this.total += count;
      }
    });
  }

  get distinct(): number {
    return this.times.size;
  }

  /** Slices that were sent more than once. */
  get repeated(): number {
    return [...this.times.values()].filter((times) => times > 1).length;
  }

  clear(): void {
    this.times.clear();
    this.total = 0;
  }
}

/** Codes of what a device refused, in order. */
export const refusalsOf = (device: Device): string[] =>
  device.events.flatMap((event) => (event.kind === "refused" ? [event.error.code] : []));

/** Names of the files of this attachment in a device's store. */
export const filesOf = (device: Device, fileId: FileId): string[] =>
  device.storage.list("").filter((name) => name.includes(fileId));
