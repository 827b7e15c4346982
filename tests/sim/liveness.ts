/**
 * What must come true once nothing goes wrong any more: everybody is up and connected, disks work, links are good. What
 * some honest member holds, everybody who wants it gets; what one knows, all know; and the log gives the tables again.
 */
import type { EventId, FileId } from "../../core/base/ids.ts";
import { seededRandom } from "../../core/base/random.ts";
import { unwrap } from "../../core/base/result.ts";
import { EventLog } from "../../core/log/event-log.ts";
import { memoryStorage } from "../../core/storage/memory.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { below } from "../support/draw.ts";
import { tableRows } from "../support/tables.ts";
import { goodLink, type Device } from "../support/world.ts";
import { permutedLog } from "./permuted-log.ts";
import { short, type Safety } from "./safety.ts";
import type { Scene } from "./scene.ts";
import type { Users } from "./users.ts";
import { must } from "./violation.ts";

/** A silent member costs some timeouts of 20 s, a fruitless one some pauses of 5 s. */
const patienceMs = 5 * 60_000;
const lookMs = 2_500;

/** Ends all faults. */
export async function heal(scene: Scene, users: Users): Promise<void> {
  const { world, devices, removed } = scene;
  users.end();
  await world.run({ forMs: 20_000 }); // partitions, restarts and late news that are still to come
  scene.log("healed");
  for (const link of world.links) world.configure(link, goodLink);
  const members = devices.filter((device) => !removed.has(device));
  for (const device of devices) {
    if (!device.isUp) users.restart(device, "kill");
    else device.setFaults({});
  }
  await world.run({ forMs: 1 });
  world.setGroup(world.group, members);
  members.forEach((a, i) => {
    for (const b of members.slice(i + 1)) world.connect(a, b, goodLink);
  });
}

interface Due {
  readonly device: Device;
  readonly fileId: FileId;
}

/** Active wants of files that another honest member has. */
function wantsDue(scene: Scene): Due[] {
  const members = scene.honest.filter((device) => !scene.removed.has(device));
  return scene.known.flatMap(({ fileId }) => {
    const holders = members.filter((each) => each.status(fileId) === "complete" && !scene.isRotten(each, fileId));
    if (holders.length === 0) return [];
    return members.filter((each) => each.status(fileId) === "active").map((device) => ({ device, fileId }));
  });
}

export async function checkLiveness(scene: Scene, safety: Safety): Promise<void> {
  const { world } = scene;
  const endMs = world.now() + patienceMs;
  let due = wantsDue(scene);
  let apart = differences(scene);
  while ((due.length > 0 || apart.length > 0) && world.now() < endMs) {
    await world.run({ forMs: lookMs });
    due = wantsDue(scene);
    apart = differences(scene);
  }
  must(
    due.length === 0,
    "G-6",
    () => `never complete: ${due.map(({ device, fileId }) => `${device.name} ${short(fileId)}`).join(", ")}`,
  );
  must(apart.length === 0, "G-3", () => `logs never meet: ${apart.join(", ")}`);
  safety.audit();
  for (const device of scene.honest) {
    for (const { fileId, knownBy } of scene.known) {
      if (device.status(fileId) === "complete") safety.checkComplete(device, fileId);
      // Who never saw the descriptor, or lost it with the power, cannot tell that it was its author who took the file
      // back, and waits.
      const isGone = knownBy.has(device) && !scene.scarred.has(device) && device.log.queries.isDeleted(fileId);
      const isHanging = isGone && device.status(fileId) === "active";
      must(!isHanging, "status", () => `${device.name} still wants the deleted ${short(fileId)}`);
    }
  }
}

/** Events that some member can send on and another has not got. */
function differences(scene: Scene): string[] {
  // Members who are removed may have said things that nobody can vouch for, and what has a time to live goes in its time.
  if (scene.removed.size > 0 || scene.plan.hasTtl) return [];
  const members = scene.honest;
  const ids = new Set<EventId>();
  for (const { log } of members)
    for (const id of log.shared.ofWindow(0, 1)) if (log.eventBytes(id) !== undefined) ids.add(id);
  return members.flatMap((device) => {
    const missing = [...ids].filter((id) => !device.log.has(id));
    return missing.length === 0 ? [] : [`${device.name} lacks ${missing.length} of ${ids.size} events`];
  });
}

/** The tables follow from the log: from the log as it is, and from its records in any order, some of them twice. */
export async function checkReplay(scene: Scene): Promise<void> {
  for (const device of scene.honest) {
    const rows = tableRows(device.database);
    await device.close();
    const storage = await device.provider.open();
    const file = storage.open("events.log", { create: false });
    const bytes = new Uint8Array(file?.size() ?? 0);
    file?.readAt(bytes, 0);
    file?.close();
    storage.close();
    const permuted = permutedLog(bytes, device.logged, seededRandom(below(scene.random, 2 ** 32)));
    for (const [how, log] of [
      ["as it is", bytes],
      ["in any order", permuted],
    ] as const) {
      const replayed = await replayRows(device, log);
      const difference = [
        ...rows.filter((row) => !replayed.includes(row)),
        ...replayed.filter((row) => !rows.includes(row)),
      ];
      must(
        difference.length === 0,
        "G-3",
        () => `${device.name}'s log replayed ${how} differs: ${difference.join("\n")}`,
      );
    }
  }
}

async function replayRows(device: Device, bytes: Uint8Array): Promise<string[]> {
  const storage = await memoryStorage().open();
  const file = storage.open("events.log", { create: true });
  file?.writeAt(bytes, 0);
  file?.close();
  const database = await openSqlJs();
  const { identity, group } = device;
  const { log } = unwrap(EventLog.open({ storage, database, cachedPosition: 0, identity, groupKeys: group.keys }));
  const rows = tableRows(database);
  log.close();
  storage.close();
  return rows;
}
