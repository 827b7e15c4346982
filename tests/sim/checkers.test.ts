/**
 * That the checks of the simulation can fail: each guarantee is broken on purpose, behind the library's back, and the
 * simulation has to say which one it was. A check that cannot fail proves nothing.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileId } from "../../core/base/ids.ts";
import { sealedSliceBytes } from "../../core/limits.ts";
import type { Device } from "../support/world.ts";
import type { Scene } from "./scene.ts";
import { Violation } from "./violation.ts";
import { simulate } from "./worlds.ts";

const test = suite("sim: checkers");

const seedsMax = 40;

/** The first violation that some world of the first seeds ends with; undefined when none notices. */
async function firstViolation(breakIt: (scene: Scene) => void): Promise<string | undefined> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { failure } = await simulate(seed, { prepare: breakIt });
    if (failure instanceof Violation) return failure.message;
    if (failure !== undefined) throw failure;
  }
  return undefined;
}

const guaranteeOf = async (breakIt: (scene: Scene) => void): Promise<string> =>
  (await firstViolation(breakIt))?.split(":")[0] ?? "nothing noticed";

/** Calls back with the first file that an honest device has in that status; once a world. */
function whenSome(scene: Scene, status: string, then: (device: Device, fileId: FileId) => void): void {
  let isDone = false;
  scene.world.check(() => {
    for (const device of isDone ? [] : scene.honest.filter(({ isUp }) => isUp)) {
      const fileId = scene
        .modelOf(device)
        .fileIds()
        .find((each) => scene.modelOf(device).status(each) === status);
      if (fileId === undefined || isDone) continue;
      isDone = true;
      then(device, fileId);
    }
  });
}

test("G-9: a disk that says it flushed and did not", async () => {
  const lying = (scene: Scene): void => {
    for (const device of scene.devices) {
      const setFaults = device.setFaults.bind(device);
      device.setFaults = (plan) => setFaults({ ...plan, flushLies: true });
      device.setFaults({});
    }
  };
  assert.is(await guaranteeOf(lying), "G-9");
});

test("G-2: a complete file whose slices change on disk, which nobody was told", async () => {
  const changing = (scene: Scene): void =>
    whenSome(scene, "complete", (device, fileId) => {
      if ((scene.file(fileId)?.sealed.length ?? 0) > 0)
        device.log.slices.write(fileId, 0, new Uint8Array(sealedSliceBytes));
    });
  assert.is(await guaranteeOf(changing), "G-2");
});

test("G-2: an honest peer whose slices are changed on the way is blamed", async () => {
  const altering = (scene: Scene): void => {
    scene.world.tap(({ name, bytes }) => {
      if (name !== "slices") return undefined;
      const altered = bytes.slice();
      altered[altered.length - 1] = (altered[altered.length - 1] as number) ^ 1;
      return { bytes: altered };
    });
  };
  assert.is(await guaranteeOf(altering), "G-2");
});

test("G-3: a row of a table that does not come from the log", async () => {
  const adding = (scene: Scene): void =>
    whenSome(scene, "active", (device) => device.database.run("UPDATE peers SET lastEventMs = lastEventMs + 1", []));
  assert.is(await guaranteeOf(adding), "G-3");
});

test("G-4: a sync_file that is sent again after the pause", async () => {
  const repeating = (scene: Scene): void => {
    let sent:
      | { readonly from: Device; readonly to: Device; readonly bytes: Uint8Array; readonly fileId: FileId }
      | undefined;
    scene.world.tap(({ from, to, bytes, message }) => {
      const decoded = message();
      if (decoded?.name === "sync_file" && from !== scene.bad) sent = { from, to, bytes, fileId: decoded.fileId };
    });
    scene.world.check(() => {
      if (sent === undefined || scene.modelOf(sent.from).status(sent.fileId) !== "paused") return;
      sent.from.outgoing.get(sent.to.peerId)?.send(sent.bytes);
    });
  };
  assert.is(await guaranteeOf(repeating), "G-4");
});

test("G-5: a slice that is written after the cancel", async () => {
  const writing = (scene: Scene): void => {
    scene.world.check(() => {
      for (const device of scene.honest) {
        const [fileId] = scene.modelOf(device).dropped.keys();
        if (device.isUp && fileId !== undefined) device.log.slices.write(fileId, 0, new Uint8Array(sealedSliceBytes));
      }
    });
  };
  assert.is(await guaranteeOf(writing), "G-5");
});

test("G-6: slices that never arrive", async () => {
  const losing = (scene: Scene): void => {
    scene.world.tap(({ name }) => (name === "slices" ? "drop" : undefined));
  };
  assert.is(await guaranteeOf(losing), "G-6");
});

test("G-7: a device that goes on talking to one who is no member any more", async () => {
  const talking = (scene: Scene): void => {
    const [ana, ben] = scene.devices;
    scene.world.later(500, () => {
      if (ana === undefined || ben === undefined) return;
      ana.group = { ...ana.group, members: new Set([...ana.group.members].filter((peer) => peer !== ben.peerId)) };
    });
  };
  assert.is(await guaranteeOf(talking), "G-7");
});

test("G-7: a file's plaintext within a message", async () => {
  const leaking = (scene: Scene): void => {
    scene.world.check(() => {
      const file = scene.known.find(({ bytes }) => bytes.length > 100);
      if (file === undefined || !file.author.isUp) return;
      for (const pipe of file.author.outgoing.values()) pipe.send(Buffer.concat([new Uint8Array([0x17]), file.bytes]));
    });
  };
  assert.is(await guaranteeOf(leaking), "G-7");
});

test("status: a pause that no user asked for", async () => {
  const pausing = (scene: Scene): void =>
    whenSome(scene, "active", (device, fileId) => {
      device.engine.pause(fileId, scene.world.now());
      device.pump();
    });
  assert.is(await guaranteeOf(pausing), "status");
});

test("G-8: an engine that throws ends the run with what it threw", async () => {
  const throwing = (scene: Scene): void =>
    scene.world.later(100, () => {
      throw new Error("a defect");
    });
  const { failure } = await simulate(1, { prepare: throwing });
  assert.match(String(failure), "a defect");
});

test.run();
