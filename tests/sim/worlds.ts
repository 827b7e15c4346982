/**
 * One world from one seed: drawn, run with everything that can go wrong (safety), then without (liveness). The same seed
 * gives the same world and the same run; a failing one is replayed with `npm run sim -- --seed N`.
 */
import { seededRandom } from "../../core/base/random.ts";
import { happens, pick } from "../support/draw.ts";
import { World, type Device } from "../support/world.ts";
import { badMember } from "./bad-member.ts";
import { checkLiveness, checkReplay, heal } from "./liveness.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { Safety } from "./safety.ts";
import { Scene, startMs } from "./scene.ts";
import { Users } from "./users.ts";

export interface Outcome {
  readonly seed: number;
  /** What was thrown; undefined when every check held. */
  readonly failure: Error | undefined;
  readonly plan: Plan;
  readonly steps: number;
  readonly virtualMs: number;
  readonly completeCount: number;
}

const names = ["ana", "ben", "cem", "dua", "eli"];
const stepsMax = 400_000;

export interface SimulationOptions {
  readonly trace?: (line: string) => void;
  /** Called with the scene before anything happens: tests break something here, and see it found. */
  readonly prepare?: (scene: Scene) => void;
}

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const random = seededRandom(seed ^ 0x5eed5eed);
  const plan = drawPlan(random);
  const scene = await createScene(seed, plan, options.trace ?? (() => {}));
  let failure: Error | undefined;
  try {
    await runScene(scene, options);
  } catch (thrown) {
    failure = thrown instanceof Error ? thrown : new Error("thrown, and no error", { cause: thrown });
  }
  for (const device of [...scene.devices, scene.stranger]) if (device?.isUp === true) device.crash("kill");
  const { world } = scene;
  return {
    seed,
    failure,
    plan,
    steps: world.stepCount,
    virtualMs: world.now() - startMs,
    completeCount: completions(scene),
  };
}

async function createScene(seed: number, plan: Plan, trace: (line: string) => void): Promise<Scene> {
  const random = seededRandom(seed ^ 0x0dd5eed5);
  const world = new World({ seed, startMs });
  const { flushMs, cachesAtOpening } = plan;
  const devices: Device[] = [];
  for (const name of names.slice(0, plan.deviceCount)) {
    devices.push(await world.addDevice(name, { flushMs, cachesAtOpening }));
  }
  const stranger = plan.hasStranger ? await world.addDevice("eve", { isMember: false }) : undefined;
  const bad = plan.misbehaviour === undefined ? undefined : pick(random, devices.slice(1));
  return new Scene({ world, random, plan, devices, bad, stranger, trace });
}

async function runScene(scene: Scene, options: SimulationOptions): Promise<void> {
  const { world, plan, random, bad } = scene;
  scene.log(JSON.stringify(plan));
  const safety = new Safety(scene);
  if (bad !== undefined && plan.misbehaviour !== undefined) world.tap(badMember(bad, plan.misbehaviour, random));
  options.prepare?.(scene);
  connect(scene);
  const users = new Users(scene, safety);
  users.begin();
  await world.run({ forMs: plan.durationMs, stepsMax });
  await heal(scene, users);
  await checkLiveness(scene, safety);
  await checkReplay(scene);
}

/** All with all, or in a row with some shortcuts; strangers try everybody. */
function connect({ world, devices, plan, random, stranger }: Scene): void {
  devices.forEach((a, i) => {
    for (const b of devices.slice(i + 1)) {
      const isNeighbour = devices.indexOf(b) === i + 1;
      if (plan.isEveryoneConnected || isNeighbour || happens(random, 0.3)) world.connect(a, b, plan.link());
    }
    if (stranger !== undefined) world.connect(a, stranger);
  });
}

function completions(scene: Scene): number {
  return scene.devices.reduce((count, device) => {
    const model = scene.modelOf(device);
    return count + model.fileIds().filter((fileId) => model.status(fileId) === "complete").length;
  }, 0);
}
