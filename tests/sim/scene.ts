/** What is on the stage of one simulated world: its devices, what was attached, and what the model says of every want. */
import { bytesToHex, utf8Encode } from "../../core/base/bytes.ts";
import type { FileId } from "../../core/base/ids.ts";
import type { Random } from "../../core/base/random.ts";
import type { Device, World } from "../support/world.ts";
import { ModelDevice } from "./model.ts";
import type { Plan } from "./plan.ts";

/** An attachment, from the moment that its author begins. */
export interface SimFile {
  /** Unlike any other and nowhere else: finding it on the wire is finding a leak. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly author: Device;
  /** Undefined until its descriptor is recorded. */
  fileId: FileId | undefined;
  /** The slice file as its author made it. */
  sealed: Uint8Array;
  /** Its author took it back, or gave it a time to live. */
  mayVanish: boolean;
  /** Who has had a descriptor that it could read. */
  readonly knownBy: Set<Device>;
}

export class Scene {
  readonly world: World;
  readonly random: Random;
  readonly plan: Plan;
  readonly devices: Device[];
  readonly model: ReadonlyMap<Device, ModelDevice>;
  readonly files: SimFile[] = [];
  /** A member that misbehaves; its own state is nobody's concern. */
  readonly bad: Device | undefined;
  /** No member from the beginning. */
  readonly stranger: Device | undefined;
  /** Removed from the group while the world ran. */
  readonly removed = new Set<Device>();
  /** Lost their power once, or had trouble with their storage. */
  readonly scarred = new Set<Device>();
  readonly troubled = new Set<Device>();
  /** Files that the disk of a device changed. */
  readonly rotten = new Map<Device, Set<FileId>>();
  trace: (line: string) => void;

  constructor(parts: Pick<Scene, "world" | "random" | "plan" | "devices" | "bad" | "stranger" | "trace">) {
    this.world = parts.world;
    this.random = parts.random;
    this.plan = parts.plan;
    this.devices = parts.devices;
    this.bad = parts.bad;
    this.stranger = parts.stranger;
    this.trace = parts.trace;
    this.model = new Map(parts.devices.map((device) => [device, new ModelDevice()]));
  }

  modelOf(device: Device): ModelDevice {
    return this.model.get(device) as ModelDevice;
  }

  /** Whose guarantees are ours to keep. */
  get honest(): Device[] {
    return this.devices.filter((device) => device !== this.bad);
  }

  get known(): (SimFile & { readonly fileId: FileId })[] {
    return this.files.filter((file): file is SimFile & { fileId: FileId } => file.fileId !== undefined);
  }

  file(fileId: FileId): SimFile | undefined {
    return this.files.find((file) => file.fileId === fileId);
  }

  newFile(author: Device, bytes: Uint8Array): SimFile {
    const name = `name-${bytesToHex(this.random.bytes(12))}`;
    const file: SimFile = {
      name,
      bytes,
      author,
      fileId: undefined,
      sealed: new Uint8Array(0),
      mayVanish: false,
      knownBy: new Set(),
    };
    this.files.push(file);
    return file;
  }

  isRotten(device: Device, fileId: FileId): boolean {
    return this.rotten.get(device)?.has(fileId) ?? false;
  }

  log(line: string): void {
    this.trace(`${this.world.now() - startMs} ${line}`);
  }
}

export const startMs = Date.UTC(2026, 0, 1);

/** What must never be seen outside: the name, and a run of the plaintext. */
export function secretsOf(file: SimFile): Uint8Array[] {
  const middle = file.bytes.length >> 1;
  const plain = file.bytes.subarray(middle, middle + 24);
  return plain.length < 24 ? [utf8Encode(file.name)] : [utf8Encode(file.name), plain];
}
