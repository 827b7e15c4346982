/**
 * What holds at every moment, whatever goes wrong: watched as events and messages pass, and audited now and then. The
 * checks know the model and the attached bytes; of the engine they use what an app can see.
 */
import { bytesEqual } from "../../core/base/bytes.ts";
import type { FileId } from "../../core/base/ids.ts";
import type { WantState } from "../../core/base/want-status.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { inFlightBytesMax, openRequestsMax, requestSlicesMax, sealedSliceBytes } from "../../core/limits.ts";
import type { EngineEvent } from "../../core/sync/context.ts";
import type { Device, Passing } from "../support/world.ts";
import { secretsOf, type Scene } from "./scene.ts";
import { must, violated } from "./violation.ts";

const auditSteps = 50;
/** What an honest peer may be refused for: what is late, and what changed meanwhile. */
const honestRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "not_wanted",
  "not_held",
  "too_many_requests",
  "event_expired",
  "author_unknown",
]);

export class Safety {
  readonly #scene: Scene;
  /** Slices held at the last look, by device and file; forgotten when something was dropped in order. */
  readonly #held = new Map<string, number>();
  #commandOf: Device | undefined;
  #stepsToAudit = auditSteps;

  constructor(scene: Scene) {
    this.#scene = scene;
    for (const device of scene.devices) device.onEvent = (event) => this.#onEvent(device, event);
    scene.world.tap((passing) => this.#onMessage(passing));
    scene.world.check(() => this.#onStep());
  }

  /** While a user's command runs its news is no surprise: who gives it looks at what came of it. */
  duringCommand<T>(device: Device, run: () => T): T {
    this.#commandOf = device;
    try {
      return run();
    } finally {
      this.#commandOf = undefined;
    }
  }

  /** What was held may be less from now on. */
  forgetHeld(device: Device, fileId?: FileId): void {
    for (const key of this.#held.keys()) if (key.startsWith(`${device.name} ${fileId ?? ""}`)) this.#held.delete(key);
  }

  audit(): void {
    for (const device of this.#scene.honest) if (device.isUp) this.#auditDevice(device);
  }

  /** The model follows what the engine did by itself, when there is a good reason for it. */
  observe(device: Device, fileId: FileId): void {
    const scene = this.#scene;
    const model = scene.modelOf(device);
    const expected = model.status(fileId);
    const actual = device.status(fileId);
    if (actual === expected) return;
    scene.log(`${device.name} ${short(fileId)} ${expected} -> ${actual}`);
    if (device !== scene.bad) this.#explain(device, fileId, expected, actual);
    model.set(fileId, actual, device.log.size);
    if (actual === "active") this.forgetHeld(device, fileId);
  }

  /** A file that is said to be complete is, to the byte: as sealed, and as plaintext when it can be opened. */
  checkComplete(device: Device, fileId: FileId): void {
    const file = this.#scene.file(fileId);
    if (file === undefined || this.#scene.isRotten(device, fileId)) return;
    const sealed = new Uint8Array(file.sealed.length);
    device.peek(() => device.log.slices.read(fileId, 0, sealed));
    must(bytesEqual(sealed, file.sealed), "G-2", () => `${device.name} completed ${short(fileId)} with other slices`);
    if (device.log.queries.descriptor(fileId) === undefined) return;
    must(
      bytesEqual(
        device.peek(() => device.read(fileId)),
        file.bytes,
      ),
      "G-1",
      () => `${device.name} reads other bytes of ${short(fileId)}`,
    );
  }

  #explain(device: Device, fileId: FileId, from: WantState, to: WantState): void {
    const scene = this.#scene;
    const file = scene.file(fileId);
    const what = (): string => `${device.name} ${short(fileId)} went from ${from} to ${to}`;
    switch (to) {
      case "complete": {
        const isOwn = file?.author === device;
        must(from === "active" || from === "paused" || (isOwn && from === "none"), "status", what);
        return this.checkComplete(device, fileId);
      }
      case "failed": {
        const failure = device.progress(fileId)?.failure;
        if (failure === "file_deleted") return must(file?.mayVanish === true, "status", what);
        return must(scene.troubled.has(device) && failure?.startsWith("storage_") === true, "status", what);
      }
      case "expired":
        return must(scene.plan.hasTtl, "status", what);
      case "active":
        return must(from === "complete" && scene.isRotten(device, fileId), "status", what);
      default:
        violated("status", what());
    }
  }

  #onEvent(device: Device, event: EngineEvent): void {
    const scene = this.#scene;
    switch (event.kind) {
      case "attachment_added":
        this.#learn(device, event.fileId);
        break;
      case "want_changed":
        if (this.#commandOf !== device) this.observe(device, event.fileId);
        break;
      case "progressed":
        if (device !== scene.bad) this.#checkHeld(device, event.fileId);
        break;
      case "refused": {
        const { code } = event.error;
        const isBad = device === scene.bad || event.peer === scene.bad?.peerId;
        scene.log(`${device.name} refuses ${code} of ${scene.world.deviceOf(event.peer).name}`);
        must(isBad || honestRefusals.has(code), "G-2", () => `${device.name} blames an honest peer for ${code}`);
        break;
      }
      case "peer_dropped": {
        const isBad = device === scene.bad || event.peer === scene.bad?.peerId;
        const isFair = event.code === "not_member" && !device.group.members.has(event.peer);
        must(isBad || isFair, "G-6", () => `${device.name} drops an honest member: ${event.code}`);
        break;
      }
      case "storage_failed":
        scene.log(`${device.name} storage failed: ${event.error.code}`);
        must(scene.troubled.has(device), "G-8", () => `${device.name}'s sound storage failed: ${event.error.message}`);
        break;
      default:
        break;
    }
  }

  /** A descriptor names what was attached; its author's slices are the measure of everybody's. */
  #learn(device: Device, fileId: FileId): void {
    const scene = this.#scene;
    const row = device.log.queries.descriptor(fileId);
    const file = scene.files.find(({ name }) => name === row?.name);
    if (row === undefined || file === undefined) return;
    if (file.fileId === undefined) {
      must(device === file.author, "sim", () => "the author hears of its attachment first");
      file.fileId = fileId;
      file.sealed = new Uint8Array(row.sliceCount * sealedSliceBytes);
      const { sealed } = file;
      device.peek(() => device.log.slices.read(fileId, 0, sealed));
    }
    file.knownBy.add(device);
    if (this.#commandOf !== device) this.observe(device, fileId);
  }

  #checkHeld(device: Device, fileId: FileId): void {
    const scene = this.#scene;
    const progress = device.progress(fileId);
    if (progress === undefined) return;
    const { slicesReceived, sliceCount, percent, status } = progress;
    const key = `${device.name} ${fileId}`;
    // Slices of a member who lies, and slices that nobody could check before a crash, may turn out wrong.
    const mayFall = scene.bad !== undefined || scene.scarred.has(device) || scene.isRotten(device, fileId);
    const before = this.#held.get(key) ?? 0;
    must(
      mayFall || slicesReceived >= before,
      "progress",
      () => `${key} fell from ${before} to ${slicesReceived} slices`,
    );
    must(
      slicesReceived <= (sliceCount ?? 0),
      "progress",
      () => `${key} holds ${slicesReceived} of ${sliceCount} slices`,
    );
    must(percent < 100 || status === "complete", "G-2", () => `${key} is at 100 % and ${status}`);
    this.#held.set(key, slicesReceived);
  }

  #onMessage({ from, to, name, bytes, message }: Passing<Device>): undefined {
    const scene = this.#scene;
    scene.log(`${from.name} > ${to.name} ${name} ${bytes.length}`);
    if (from === scene.bad) return;
    must(from.group.members.has(to.peerId), "G-7", () => `${from.name} sends ${name} to ${to.name}, no member`);
    if (name === "sync_file") {
      const decoded = message();
      if (decoded?.name !== "sync_file") return violated("G-8", "a sync_file of ours cannot be decoded");
      const status = from.status(decoded.fileId);
      must(status === "active", "G-4", () => `${from.name} asks for ${short(decoded.fileId)}, which is ${status}`);
    }
    if (name !== "events" && name !== "slices" && name !== "file_leaves") return;
    const wire = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const file of scene.files) {
      for (const secret of secretsOf(file))
        must(!wire.includes(Buffer.from(secret)), "G-7", () => `plaintext of ${file.name} in ${name}`);
    }
  }

  #onStep(): void {
    if (--this.#stepsToAudit > 0) return;
    this.#stepsToAudit = auditSteps;
    this.audit();
  }

  #auditDevice(device: Device): void {
    const scene = this.#scene;
    const model = scene.modelOf(device);
    for (const fileId of model.fileIds()) {
      const actual = device.status(fileId);
      const expected = model.status(fileId);
      must(actual === expected, "status", () => `${device.name} ${short(fileId)} is ${actual}, not ${expected}`);
    }
    const there = new Set(device.peek(() => device.storage.list("slices/")));
    for (const [fileId, logBytes] of model.dropped) {
      if (logBytes > device.acknowledgedBytes || device.isDropping) continue;
      must(!there.has(`slices/${fileId}`), "G-5", () => `${device.name} has slices of the cancelled ${short(fileId)}`);
    }
    for (const peer of device.engine.peerIds) this.#auditLoad(device, peer);
  }

  #auditLoad(device: Device, peer: Device["peerId"]): void {
    const load = device.engine.loadOf(peer);
    if (load === undefined) return;
    const what = (): string => `${device.name} keeps ${JSON.stringify(load)} for a peer`;
    const answerBytesMax = requestSlicesMax * sealedSliceBytes + 1000;
    must(load.inFlightBytes <= inFlightBytesMax + answerBytesMax, "G-10", what);
    must(load.requests <= openRequestsMax, "G-10", what);
    must(load.answers <= openRequestsMax + this.#scene.files.length * 2, "G-10", what);
    must(load.messages <= 2 * openRequestsMax, "G-10", what);
  }
}

export const short = (fileId: FileId): string => fileId.slice(0, 6);
