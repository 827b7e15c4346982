/**
 * The scenario of tests/scenario/kill.test.ts once more with nothing simulated: two stores on disk, a real WebSocket, a
 * receiving process of its own that is killed with SIGKILL, twenty times over one transfer (G-9).
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesToHex } from "../../core/base/bytes.ts";
import { seededRandom } from "../../core/base/random.ts";
import { sliceCountOf } from "../../core/base/sizes.ts";
import { createGroupKey, createIdentityKeys, memoryStorage, openFileSync, peerIdOf } from "../../core/index.ts";
import { inFlightBytesInitial } from "../../core/limits.ts";
import { webSocketServer } from "../../core/node.ts";
import { contentOf } from "../file/content.ts";
import { between } from "../support/draw.ts";
import type { ReceiverLine, ReceiverSetup } from "./children/receiver.ts";
import { startRelay, type Relay } from "./relay.ts";
import { miB } from "./story.ts";

const test = suite("scenario: kill process");

const kills = 20;
const fileBytes = 5 * miB;
const childSource = fileURLToPath(new URL("children/receiver.ts", import.meta.url));
/** Within the repository, so that what is bundled finds its packages. */
const bundleFolder = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));

/** The child as one file of plain JavaScript: it starts in a fifth of the time, and it is started often. */
async function bundleChild(): Promise<string> {
  mkdirSync(bundleFolder, { recursive: true });
  const outfile = join(mkdtempSync(join(bundleFolder, "focused-file-sync-")), "receiver.mjs");
  await build({
    entryPoints: [childSource],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return outfile;
}

interface Life {
  /** Slices found in the store when the process opened it. */
  readonly openedSlices: number;
  /** The last that it told of. */
  readonly lastSlices: number;
  /** Bytes that came down the wire during it. */
  readonly downBytes: number;
  readonly sha256: string | undefined;
}

/** One life of the receiver: killed when so many bytes came down, or ended by itself. */
function live(childPath: string, setup: ReceiverSetup, relay: Relay, killAfterBytes: number): Promise<Life> {
  const child: ChildProcess = spawn(process.execPath, [childPath, JSON.stringify(setup)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const life = { openedSlices: 0, lastSlices: 0, downBytes: 0, sha256: undefined as string | undefined };
  relay.onDown = (bytes) => {
    life.downBytes += bytes;
    if (life.downBytes >= killAfterBytes) child.kill("SIGKILL");
  };
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (text) => {
    const line = JSON.parse(text) as ReceiverLine;
    if (line.kind === "complete") life.sha256 = line.sha256;
    else life.lastSlices = line.slicesReceived;
    if (line.kind === "opened") life.openedSlices = line.slicesReceived;
  });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const read = new Promise<void>((resolve) => lines.on("close", resolve));
  return Promise.all([ended, read]).then(() => life);
}

test("SIGKILL 20 times over one 5 MiB transfer: what was held is held, at most what was in flight comes twice (G-9, G-4)", async () => {
  // Goal: killing the app costs what was in flight. Method: the bytes down the wire are counted by a relay; each life is
  // killed after a random number of them; the next must find no fewer slices than the last one told of.
  const childPath = await bundleChild();
  const folder = mkdtempSync(join(tmpdir(), "focused-file-sync-kill-"));
  const keys = [await createIdentityKeys(), await createIdentityKeys()] as const;
  const members = keys.map((each) => peerIdOf(each));
  const groupKey = createGroupKey();
  const server = webSocketServer();
  const group = { name: "the group", members, keys: [groupKey] };
  const ana = await openFileSync({ storage: memoryStorage(), identity: keys[0], group, transport: server });
  const relay = await startRelay(server.address().port, 4_000_000);
  try {
    const bytes = contentOf(fileBytes);
    const { fileId } = await ana.attach(bytes, { messageId: "ab".repeat(16), name: "killed" });
    const { publicKey, secretKey } = keys[1];
    const hex = { publicKey: bytesToHex(publicKey), secretKey: bytesToHex(secretKey), groupKey: bytesToHex(groupKey) };
    const setup = { storePath: join(folder, "store"), url: `ws://127.0.0.1:${relay.port}`, fileId, members, ...hex };
    const random = seededRandom(2026);
    let lastSlices = 0;
    let inFlightBytes = 0;
    for (let kill = 0; kill < kills; kill++) {
      const life = await live(childPath, setup, relay, between(random, 2_000, 400_000));
      assert.is(life.sha256, undefined, "it was killed before the end");
      assert.ok(
        life.openedSlices >= lastSlices,
        `kill ${kill}: opened with ${life.openedSlices} of ${lastSlices} slices`,
      );
      lastSlices = life.lastSlices;
      // A flight begins with this and grows by what was answered.
      inFlightBytes += inFlightBytesInitial;
    }
    const last = await live(childPath, setup, relay, Number.POSITIVE_INFINITY);
    assert.ok(last.openedSlices >= lastSlices);
    assert.is(last.sha256, createHash("sha256").update(bytes).digest("hex"));
    const overhead = 0.02 * fileBytes + kills * 10_000;
    const once = sliceCountOf(fileBytes) * 466 + overhead;
    const twice = relay.downBytes() - once;
    assert.ok(twice <= inFlightBytes, `${twice} bytes came twice, ${inFlightBytes} were in flight`);
  } finally {
    await relay.close();
    await ana.close();
    for (const each of [folder, dirname(childPath)]) rmSync(each, { recursive: true, force: true });
  }
});

test.run();
