/**
 * What users and misfortune do in a simulated world, one step at a time, drawn from its seed: attach, request, pause,
 * resume, cancel, delete; crashes, partitions, new keys, removed members, disks that fill up.
 */
import type { FileId } from "../../core/base/ids.ts";
import { FileSyncError } from "../../core/errors.ts";
import { priorityMax, priorityMin, sealedSliceBytes } from "../../core/limits.ts";
import type { Result } from "../../core/base/result.ts";
import { below, between, happens, pick } from "../support/draw.ts";
import type { Device } from "../support/world.ts";
import { expectedAfter, type UserAction } from "./model.ts";
import { drawFileBytes } from "./plan.ts";
import { short, type Safety } from "./safety.ts";
import type { Scene } from "./scene.ts";
import { must } from "./violation.ts";

type Step = (users: Users, device: Device) => void;

/** How often, and what. */
const steps: readonly (readonly [weight: number, step: Step])[] = [
  [10, (users, device) => users.attach(device)],
  [22, (users, device) => users.act(device, "request")],
  [10, (users, device) => users.act(device, "pause")],
  [10, (users, device) => users.act(device, "resume")],
  [7, (users, device) => users.act(device, "cancel")],
  [3, (users, device) => users.delete(device)],
  [7, (users, device) => users.crash(device, "kill")],
  [7, (users, device) => users.crash(device, "power_loss")],
  [2, (users, device) => users.close(device)],
  [6, (users, device) => users.partition(device)],
  [6, (users, device) => users.reconnect(device)],
  [3, (users) => users.rotateKey()],
  [1, (users, device) => users.removeMember(device)],
  [8, (users, device) => users.trouble(device)],
  [6, (users, device) => users.rot(device)],
];
const badMemberLooksMs = 300;
const weightOfAll = steps.reduce((total, [weight]) => total + weight, 0);

export class Users {
  readonly #scene: Scene;
  readonly #safety: Safety;
  #isOver = false;
  #attaching = 0;

  constructor(scene: Scene, safety: Safety) {
    this.#scene = scene;
    this.#safety = safety;
  }

  /** Spreads the steps over the time that the plan gives them. */
  begin(): void {
    const { world, plan, random } = this.#scene;
    const [first] = this.#scene.devices;
    if (first !== undefined) this.attach(first);
    for (let i = 0; i < plan.stepsOfUsers; i++) {
      const earliest = i < 5 ? below(random, 3_000) : below(random, plan.durationMs);
      world.later(earliest, () => this.#step());
    }
    this.#feedBadMember();
  }

  /** It wants everything that it hears of, so that it has something to spoil. */
  #feedBadMember(): void {
    const { bad, known, world } = this.#scene;
    if (bad === undefined || this.#isOver) return;
    if (bad.isUp) for (const { fileId } of known) if (bad.status(fileId) === "none") bad.request(fileId);
    world.later(badMemberLooksMs, () => this.#feedBadMember());
  }

  /** From now on nothing more goes wrong. */
  end(): void {
    this.#isOver = true;
  }

  #step(): void {
    const { random, devices } = this.#scene;
    const device = pick(random, devices);
    let at = below(random, weightOfAll);
    const chosen = steps.find(([weight]) => (at -= weight) < 0);
    if (device.isUp && !this.#isOver) chosen?.[1](this, device);
  }

  attach(device: Device): void {
    const { world, random, plan, files } = this.#scene;
    if (files.length >= plan.fileCount || device === this.#scene.bad) return;
    const file = this.#scene.newFile(device, random.bytes(drawFileBytes(random)));
    this.#scene.log(`${device.name} attaches ${file.bytes.length} bytes`);
    const ttlMs = plan.hasTtl && happens(random, 0.3) ? between(random, 1, 40_000) : 0;
    file.mayVanish = ttlMs > 0;
    const isStream = happens(random, 0.3);
    this.#attaching++;
    world.spawn(async () => {
      await world.beginAttach(device, file.bytes, { name: file.name, ttlMs, isStream }).catch((thrown: unknown) => {
        // Crashed, or its disk failed: nothing was promised.
        if (!(thrown instanceof FileSyncError) || !thrown.code.startsWith("storage_")) throw thrown;
      });
      this.#attaching--;
    });
  }

  act(device: Device, action: UserAction): void {
    const scene = this.#scene;
    const { random, plan } = scene;
    const file = pick(random, scene.known);
    if (file === undefined || device === scene.bad) return;
    const { fileId } = file;
    const model = scene.modelOf(device);
    const before = model.status(fileId);
    const keepSlices = happens(random, 0.3);
    const priority = between(random, priorityMin, priorityMax);
    const ttlMs = plan.hasTtl && happens(random, 0.3) ? between(random, 1, 20_000) : 0;
    const result = this.#safety.duringCommand(device, (): Result<void> => {
      if (action === "request") return device.request(fileId, { priority, ttlMs });
      return action === "cancel" ? device.cancel(fileId, { keepSlices }) : device[action](fileId);
    });
    scene.log(`${device.name} ${action} ${short(fileId)} (${before}) ${result.ok ? "ok" : result.error.code}`);
    if (scene.troubled.has(device)) {
      model.restart(fileId, device.status(fileId));
      this.#safety.forgetHeld(device, fileId);
      return;
    }
    const expected = expectedAfter(before, action);
    if (!result.ok) {
      const isDeleted = result.error.code === "file_deleted" && file.mayVanish && action === "request";
      const isExpected = typeof expected === "object" && expected.code === result.error.code;
      return must(
        isDeleted || isExpected,
        "status",
        () => `${action} of a ${before} want is refused: ${result.error.code}`,
      );
    }
    must(typeof expected === "string", "status", () => `${action} of a ${before} want is not refused`);
    if (typeof expected !== "string") return;
    const actual = device.status(fileId);
    must(actual === expected, "status", () => `${action} of a ${before} want gives ${actual}, not ${expected}`);
    if (actual !== before) model.set(fileId, actual, device.log.size);
    if (action === "cancel" && before !== "cancelled") {
      this.#safety.forgetHeld(device, fileId);
      if (!keepSlices) model.dropped.set(fileId, device.log.size);
    }
  }

  /** Its author takes a file back. */
  delete(device: Device): void {
    const scene = this.#scene;
    const file = scene.known.find(({ author }) => author === device);
    if (file === undefined) return;
    const knows = device.log.queries.descriptor(file.fileId) !== undefined;
    if (knows) file.mayVanish = true;
    const result = device.delete(file.fileId);
    scene.log(`${device.name} deletes ${short(file.fileId)} ${result.ok ? "ok" : result.error.code}`);
    must(result.ok || !knows || scene.troubled.has(device), "status", () => "an author can delete its file");
  }

  crash(device: Device, kind: "kill" | "power_loss"): void {
    const { world, random } = this.#scene;
    this.#scene.log(`${device.name} crashes: ${kind}`);
    if (kind === "power_loss") this.#scene.scarred.add(device);
    world.crash(device, kind);
    world.later(below(random, 5_000), () => this.restart(device, kind));
  }

  close(device: Device): void {
    const { world, random } = this.#scene;
    // Closing waits for what is being attached, and no time passes while it does.
    if (this.#scene.troubled.has(device) || this.#attaching > 0) return;
    this.#scene.log(`${device.name} closes`);
    world.spawn(async () => {
      if (!device.isUp) return;
      await world.close(device);
      world.later(below(random, 5_000), () => this.restart(device, "kill"));
    });
  }

  restart(device: Device, after: "kill" | "power_loss"): void {
    if (device.isUp) return;
    this.#scene.world.spawn(async () => {
      if (device.isUp) return;
      await this.#scene.world.restart(device);
      this.#checkRestart(device, after);
    });
  }

  /** Messages vanish for a while. */
  partition(device: Device): void {
    const { world, random } = this.#scene;
    const other = this.#other(device);
    if (other === undefined) return;
    this.#scene.log(`${device.name} | ${other.name} partitioned`);
    world.partition(device, other);
    world.later(below(random, 10_000), () => world.heal(device, other));
  }

  /** The connection breaks, and comes back. */
  reconnect(device: Device): void {
    const { world, random, plan } = this.#scene;
    const other = this.#other(device);
    if (other === undefined) return;
    this.#scene.log(`${device.name} x ${other.name} disconnected`);
    world.disconnect(device, other);
    world.later(below(random, 5_000), () => {
      if (!this.#isOver) world.connect(device, other, plan.link());
    });
  }

  /** A new key, which some devices get later than others. */
  rotateKey(): void {
    const { world, random, devices } = this.#scene;
    this.#scene.log("a new group key");
    const early = devices.filter(() => happens(random, 0.5));
    world.rotateGroupKey(early);
    for (const device of devices)
      if (!early.includes(device)) world.later(below(random, 8_000), () => this.giveKeys(device));
  }

  giveKeys(device: Device): void {
    device.setGroup({ ...device.group, keys: this.#scene.world.group.keys });
  }

  /** Everybody learns of it in their own time; the one who is removed may never. */
  removeMember(device: Device): void {
    const { world, random, devices, removed } = this.#scene;
    if (devices.length < 3 || removed.size > 0 || device === this.#scene.bad) return;
    this.#scene.log(`${device.name} is removed`);
    removed.add(device);
    const members = new Set([...world.group.members].filter((peer) => peer !== device.peerId));
    world.group = { ...world.group, members };
    for (const other of devices) {
      if (other === device) continue;
      world.later(below(random, 3_000), () => other.setGroup({ ...other.group, members }));
    }
  }

  /** The disk is full, or fails, for a while. */
  trouble(device: Device): void {
    const { world, random, plan, troubled } = this.#scene;
    if (!plan.hasStorageTrouble) return;
    const code = pick(random, ["storage_full", "storage_failed"] as const);
    const failure = { call: between(random, 1, 30), code, lasting: happens(random, 0.5) };
    this.#scene.log(`${device.name} has trouble: ${JSON.stringify(failure)}`);
    troubled.add(device);
    device.setFaults({ failure });
    world.later(below(random, 5_000), () => {
      if (device.isUp) device.setFaults({});
    });
  }

  /** A bit of a complete file changes at rest. */
  rot(device: Device): void {
    const scene = this.#scene;
    const file = pick(scene.random, scene.known);
    if (!scene.plan.hasBitRot || file === undefined || file.sealed.length === 0) return;
    if (device.status(file.fileId) !== "complete" || scene.troubled.has(device)) return;
    const at = below(scene.random, file.sealed.length);
    const byte = new Uint8Array(1);
    const slices = device.log.slices.file(file.fileId, false);
    if (slices === undefined) return;
    slices.readAt(byte, at);
    slices.writeAt(new Uint8Array([(byte[0] as number) ^ 1]), at);
    scene.log(`${device.name} ${short(file.fileId)} rots in slice ${Math.floor(at / sealedSliceBytes)}`);
    const rotten = scene.rotten.get(device) ?? new Set<FileId>();
    scene.rotten.set(device, rotten.add(file.fileId));
  }

  /** What was acknowledged is there; every want is as it was, or as it was since the last acknowledgement. */
  #checkRestart(device: Device, after: "kill" | "power_loss"): void {
    const scene = this.#scene;
    const model = scene.modelOf(device);
    scene.log(`${device.name} is back`);
    const lost = device.lostEvents();
    must(lost.length === 0, "G-9", () => `${device.name} lost ${lost.length} acknowledged events`);
    if (after === "power_loss") this.#safety.forgetHeld(device);
    for (const { fileId } of scene.known) {
      const actual = device.status(fileId);
      const possible =
        after === "kill" ? [model.status(fileId)] : model.possibleAfterLoss(fileId, device.acknowledgedBytes);
      const isFree = scene.troubled.has(device) || device === scene.bad;
      const what = (): string =>
        `${device.name} ${short(fileId)} is ${actual} after ${after}, not ${possible.join(" or ")}`;
      must(isFree || possible.includes(actual), "G-9", what);
      model.restart(fileId, actual);
      if (actual === "complete" && device !== scene.bad) this.#safety.checkComplete(device, fileId);
    }
  }

  #other(device: Device): Device | undefined {
    const { devices, random } = this.#scene;
    const others = devices.filter((each) => each !== device && this.#scene.world.link(each, device) !== undefined);
    return pick(random, others);
  }
}
