/**
 * What a world of the simulation is like, drawn from its seed: how many peers, over which links, on which disks, for how
 * long, and how often what goes wrong. Most worlds are small, so that thousands of them can be run.
 */
import type { Random } from "../../core/base/random.ts";
import { sliceBytes, windowSlicesTarget } from "../../core/limits.ts";
import { below, between, happens, pick } from "../support/draw.ts";
import type { LinkOptions } from "../support/world.ts";

export const misbehaviours = ["flips", "wrong_slices", "lying_replies", "silent", "garbage"] as const;
export type Misbehaviour = (typeof misbehaviours)[number];

export interface Plan {
  readonly deviceCount: number;
  readonly flushMs: readonly [least: number, most: number];
  readonly link: () => Partial<LinkOptions>;
  readonly fileCount: number;
  readonly isEveryoneConnected: boolean;
  readonly stepsOfUsers: number;
  readonly durationMs: number;
  readonly cachesAtOpening: number;
  /** How one of the members misbehaves; nobody when undefined. */
  readonly misbehaviour: Misbehaviour | undefined;
  readonly hasStranger: boolean;
  readonly hasStorageTrouble: boolean;
  readonly hasBitRot: boolean;
  readonly hasTtl: boolean;
}

const windowBytes = windowSlicesTarget * sliceBytes;
const edgeSizes = [
  0,
  1,
  449,
  450,
  451,
  windowBytes - 450,
  windowBytes - 1,
  windowBytes,
  windowBytes + 1,
  2 * windowBytes + 450,
];
const fileBytesMax = 600_000;

export function drawPlan(random: Random): Plan {
  const deviceCount = pick(random, [2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5]);
  const isCalm = happens(random, 0.3);
  return {
    deviceCount,
    flushMs: pick(random, [
      [0, 0],
      [0, 3],
      [1, 30],
      [20, 200],
    ] as const),
    link: () => (isCalm ? {} : drawLink(random)),
    fileCount: between(random, 1, 4),
    isEveryoneConnected: happens(random, 0.7),
    stepsOfUsers: between(random, 5, 40),
    durationMs: between(random, 3_000, 60_000),
    cachesAtOpening: pick(random, [0, 0.3, 1]),
    misbehaviour: deviceCount > 2 && happens(random, 0.3) ? pick(random, misbehaviours) : undefined,
    hasStranger: happens(random, 0.1),
    hasStorageTrouble: happens(random, 0.15),
    hasBitRot: happens(random, 0.15),
    hasTtl: happens(random, 0.15),
  };
}

function drawLink(random: Random): Partial<LinkOptions> {
  return {
    delayMs: below(random, pick(random, [5, 60, 400])),
    jitterMs: below(random, pick(random, [1, 30, 150])),
    loss: pick(random, [0, 0, 0.02, 0.1, 0.3]),
    duplication: pick(random, [0, 0, 0.05, 0.3]),
    reordering: pick(random, [0, 0, 0.05, 0.3]),
    reorderMs: between(random, 1, 500),
    bytesPerSecond: pick(random, [30_000, 200_000, 2_000_000, 12_500_000, 100_000_000]),
    queueBytesMax: pick(random, [16_384, 65_536, 524_288]),
  };
}

/** An edge, or any size, small ones as often as large ones. */
export function drawFileBytes(random: Random): number {
  if (happens(random, 0.4)) return pick(random, edgeSizes);
  return Math.floor(fileBytesMax ** ((1 + below(random, 1000)) / 1000));
}
