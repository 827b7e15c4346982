/**
 * Any number of devices on one virtual clock, joined by links that behave as badly as they are told to. The same seed
 * gives the same run, to the byte.
 *
 *     const { world, ana, ben } = await pair({ seed: 1 });
 *     const fileId = await world.attach(ana, photo);
 *     await world.run({ until: () => ben.progress(fileId) !== undefined });
 *     ben.request(fileId);
 *     await world.run({ until: () => ben.status(fileId) === "complete" });
 *     assert.equal(ben.read(fileId), photo);
 *
 * Everything happens within `run` (and `attach`, which runs); between runs time stands still.
 *
 * Why so long: it is the one face that scenario tests read; devices, links, files and time are sections of it.
 */
import { assert } from "../../core/base/assert.ts";
import type { Group } from "../../core/base/identity.ts";
import type { EpochMs, FileId, PeerId } from "../../core/base/ids.ts";
import { seededRandom, type Random } from "../../core/base/random.ts";
import { cryptoReady, identityFromSeed, seedBytes } from "../../core/crypto/index.ts";
import { faultyStorage } from "../../core/storage/faulty.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { attachFile, type AttachOptions } from "./attach.ts";
import { Device } from "./device.ts";
import { goodLink, Pipe, type LinkOptions, type Tap, type Traffic } from "./link.ts";
import { virtualClock, type VirtualClock } from "./virtual-clock.ts";

export { Device } from "./device.ts";
export { goodLink, type LinkOptions, type Passing, type Tap, type Traffic, type Verdict } from "./link.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly startMs?: number;
  /** Of links that are made without options of their own. */
  readonly link?: Partial<LinkOptions>;
}

export interface NewDevice {
  /** `faulty` (the usual) can be killed and lose its power; `memory` is lighter, for large files. */
  readonly storage?: "faulty" | "memory";
  /** How long a flush of a faulty storage takes, at least and at most. */
  readonly flushMs?: readonly [least: number, most: number];
  /** Set to false for a stranger. */
  readonly isMember?: boolean;
  /** 0 to 1: the part of openings that save the projections' cache at once, as those after many events do. */
  readonly cachesAtOpening?: number;
}

export interface RunOptions {
  /** Ends as soon as this holds; looked at after every step. When time runs out before, run throws. */
  readonly until?: () => boolean;
  /** Virtual time that may pass; ten minutes when `until` is given and this is not. */
  readonly forMs?: number;
  /** The same as a point in time. */
  readonly untilMs?: number;
  readonly stepsMax?: number;
}

const patienceMs = 10 * 60_000;
const stepsMaxDefault = 2_000_000;

/** Two devices and what is between them. */
export interface Link {
  readonly devices: readonly [Device, Device];
  readonly pipes: readonly [Pipe<Device>, Pipe<Device>];
  /** Meant to be up: it comes back when both devices are. */
  isWanted: boolean;
  isUp: boolean;
}

export class World {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly devices: Device[] = [];
  readonly links: Link[] = [];
  group: Group;
  /** Steps of all runs so far. */
  stepCount = 0;
  readonly #options: WorldOptions;
  readonly #taps: Tap<Device>[] = [];
  readonly #checks: (() => void)[] = [];
  readonly #defects: unknown[] = [];
  #isPromiseDue = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.seed = options.seed;
    this.clock = virtualClock(options.startMs === undefined ? {} : { startMs: options.startMs });
    this.random = seededRandom(options.seed);
    this.group = { name: "the group", members: new Set(), keys: [this.random.bytes(32)] };
  }

  now(): EpochMs {
    return this.clock.nowMs();
  }

  // ---- Devices

  async addDevice(name: string, options: NewDevice = {}): Promise<Device> {
    const { storage = "faulty", flushMs = [0, 0], isMember = true, cachesAtOpening = 0 } = options;
    await cryptoReady();
    const identity = identityFromSeed(this.random.bytes(seedBytes));
    const faulty = storage === "faulty" ? faultyStorage(seededRandom(this.random.u32())) : undefined;
    const provider = faulty ?? memoryStorage();
    const device = new Device(
      { name, identity, provider, faulty, flushMs, cachesAtOpening, group: this.group },
      {
        clock: this.clock,
        random: this.random,
        promiseDue: () => {
          this.#isPromiseDue = true;
        },
        defect: (thrown) => this.#defects.push(thrown),
        peerDropped: (by, peer) => this.#peerDropped(by, peer),
      },
    );
    await device.open();
    this.devices.push(device);
    if (isMember) this.setGroup({ ...this.group, members: new Set([...this.group.members, identity.peerId]) });
    return device;
  }

  /** Hands every device, or those named, another group. */
  setGroup(group: Group, devices: readonly Device[] = this.devices): void {
    if (devices === this.devices) this.group = group;
    for (const device of devices) device.setGroup(group);
  }

  /** A new group key in front; the old ones still open. */
  rotateGroupKey(devices: readonly Device[] = this.devices): void {
    this.group = { ...this.group, keys: [this.random.bytes(32), ...this.group.keys] };
    for (const device of devices) device.setGroup({ ...device.group, keys: this.group.keys });
  }

  deviceOf(peer: PeerId): Device {
    const device = this.devices.find(({ peerId }) => peerId === peer);
    assert(device !== undefined, "the peer is in the world");
    return device;
  }

  crash(device: Device, kind: "kill" | "power_loss" = "kill"): void {
    device.crash(kind);
    for (const link of this.#linksOf(device)) this.#takeDown(link);
  }

  /** Closes in order. */
  async close(device: Device): Promise<void> {
    await device.close();
    for (const link of this.#linksOf(device)) this.#takeDown(link);
  }

  /** Opens the store again and brings back its links. */
  async restart(device: Device): Promise<void> {
    await device.open();
    for (const link of this.#linksOf(device)) this.#bringUp(link);
  }

  // ---- Links

  /** Connects two devices; options given now replace those of before. */
  connect(a: Device, b: Device, options?: Partial<LinkOptions>): Link {
    const link = this.link(a, b) ?? this.#makeLink(a, b);
    if (options !== undefined) this.configure(link, options);
    link.isWanted = true;
    this.#bringUp(link);
    return link;
  }

  connectAll(options?: Partial<LinkOptions>): void {
    this.devices.forEach((a, i) => this.devices.slice(i + 1).forEach((b) => this.connect(a, b, options)));
  }

  disconnect(a: Device, b: Device): void {
    const link = this.link(a, b);
    if (link === undefined) return;
    link.isWanted = false;
    this.#takeDown(link);
  }

  /** Messages vanish and nobody is told. */
  partition(a: Device, b: Device): void {
    for (const pipe of this.link(a, b)?.pipes ?? []) pipe.isPartitioned = true;
  }

  heal(a: Device, b: Device): void {
    for (const pipe of this.link(a, b)?.pipes ?? []) pipe.isPartitioned = false;
  }

  configure(link: Link, options: Partial<LinkOptions>): void {
    for (const pipe of link.pipes) pipe.options = { ...pipe.options, ...options };
  }

  link(a: Device, b: Device): Link | undefined {
    return this.links.find(({ devices }) => devices.includes(a) && devices.includes(b));
  }

  /** What `from` sent to `to`, since the world began. */
  traffic(from: Device, to: Device): Traffic {
    const link = this.link(from, to);
    assert(link !== undefined, "there is a link between them");
    return link.pipes[link.devices[0] === from ? 0 : 1].traffic;
  }

  /** Sees every message before it is sent, and may drop, delay or alter it. Returns how to take the tap out. */
  tap(tap: Tap<Device>): () => void {
    this.#taps.push(tap);
    return () => {
      const at = this.#taps.indexOf(tap);
      if (at >= 0) this.#taps.splice(at, 1);
    };
  }

  // ---- Files

  /** Runs the world until the attachment is durable and announced. */
  async attach(device: Device, bytes: Uint8Array, options: AttachOptions = {}): Promise<FileId> {
    let fileId: FileId | undefined;
    let failure: unknown;
    this.beginAttach(device, bytes, options).then(
      (attached) => {
        fileId = attached;
      },
      (thrown: unknown) => {
        failure = thrown;
      },
    );
    await this.run({ until: () => fileId !== undefined || failure !== undefined });
    if (fileId === undefined) throw failure;
    return fileId;
  }

  /** For use within a run: resolves as the run goes on. */
  beginAttach(device: Device, bytes: Uint8Array, options: AttachOptions = {}): Promise<FileId> {
    this.#isPromiseDue = true;
    return attachFile(device, bytes, options, this.random, () => this.now());
  }

  // ---- Time

  /** Called after every step; throws to end the run. */
  check(check: () => void): void {
    this.#checks.push(check);
  }

  /** Lets time pass: until something holds, for so long, or, with neither, until nothing is left to happen. */
  async run(options: RunOptions = {}): Promise<void> {
    const { until, stepsMax = stepsMaxDefault } = options;
    const given = options.untilMs ?? (options.forMs === undefined ? undefined : this.now() + options.forMs);
    const endMs = given ?? (until === undefined ? Number.POSITIVE_INFINITY : this.now() + patienceMs);
    for (let step = 0; ; step++) {
      await this.#settle();
      if (until?.() === true) return;
      const nextMs = this.clock.nextDueMs();
      if (nextMs === undefined || nextMs > endMs) break;
      assert(step < stepsMax, `a run ends within ${stepsMax} steps (seed ${this.seed})`);
      this.clock.advance(Math.max(0, nextMs - this.now()));
      this.stepCount++;
      for (const check of this.#checks) check();
    }
    if (endMs !== Number.POSITIVE_INFINITY) this.clock.advance(endMs - this.now());
    assert(
      until === undefined,
      `what was waited for happened (seed ${this.seed}, ${this.devices.map(describe).join("; ")})`,
    );
  }

  /** Later, within a run. */
  later(delayMs: number, callback: () => void): void {
    this.clock.schedule(delayMs, callback);
  }

  /** Promises that are about to settle do so before time goes on. */
  async #settle(): Promise<void> {
    while (this.#isPromiseDue) {
      this.#isPromiseDue = false;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#defects.length > 0) throw this.#defects[0];
  }

  /** For steps that start something asynchronous: the run waits for what settles without time passing. */
  spawn(work: () => Promise<void>): void {
    this.#isPromiseDue = true;
    work().catch((thrown: unknown) => this.#defects.push(thrown));
  }

  #linksOf(device: Device): Link[] {
    return this.links.filter(({ devices }) => devices.includes(device));
  }

  #makeLink(a: Device, b: Device): Link {
    const options = { ...goodLink, ...this.#options.link };
    const pipe = (from: Device, to: Device): Pipe<Device> =>
      new Pipe(
        {
          from,
          to,
          clock: this.clock,
          random: this.random,
          taps: this.#taps,
          drained: () => from.pump(),
          arrived: (bytes) => to.receive(from.peerId, bytes),
        },
        options,
      );
    const link = { devices: [a, b] as const, pipes: [pipe(a, b), pipe(b, a)] as const, isWanted: false, isUp: false };
    this.links.push(link);
    return link;
  }

  /** As a channel does: both ends have to take the other for a member, or nothing is said. */
  #bringUp(link: Link): void {
    const [a, b] = link.devices;
    if (link.isUp || !link.isWanted || !a.isUp || !b.isUp) return;
    for (const pipe of link.pipes) pipe.reset();
    link.isUp = true;
    const isAccepted = a.peerUp(b.peerId, link.pipes[0]) && b.peerUp(a.peerId, link.pipes[1]);
    if (!isAccepted) return this.#takeDown(link);
    a.pump();
    b.pump();
  }

  #takeDown(link: Link): void {
    if (!link.isUp) return;
    link.isUp = false;
    const [a, b] = link.devices;
    for (const pipe of link.pipes) pipe.reset();
    a.peerDown(b.peerId);
    b.peerDown(a.peerId);
  }

  #peerDropped(by: Device, peer: PeerId): void {
    const link = this.link(by, this.deviceOf(peer));
    if (link === undefined) return;
    link.isWanted = false;
    // Not from within the engine's own polls.
    this.clock.schedule(0, () => {
      if (!link.isWanted) this.#takeDown(link);
    });
  }
}

const describe = (device: Device): string =>
  device.isUp
    ? `${device.name}: ${
        device.log.queries
          .wants()
          .map(({ status }) => status)
          .join(", ") || "no wants"
      }`
    : `${device.name} is down`;

export interface Pair {
  readonly world: World;
  readonly ana: Device;
  readonly ben: Device;
  readonly link: Link;
}

/** Two members, connected. */
export async function pair(options: WorldOptions & { readonly device?: NewDevice }): Promise<Pair> {
  const world = new World(options);
  const ana = await world.addDevice("ana", options.device);
  const ben = await world.addDevice("ben", options.device);
  const link = world.connect(ana, ben);
  return { world, ana, ben, link };
}

/** Members with these names, all connected with each other. */
export async function meeting(
  options: WorldOptions & { readonly device?: NewDevice },
  names: readonly string[],
): Promise<{ world: World; devices: Device[] }> {
  const world = new World(options);
  const devices: Device[] = [];
  for (const name of names) devices.push(await world.addDevice(name, options.device));
  world.connectAll();
  return { world, devices };
}
