/**
 * What the examples of the documents begin with when they begin in the middle (`<!-- run: pair -->`): two members joined
 * by a network in memory, a file that one of them attached, and the other's instance as `sync`.
 */
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import {
  createGroupKey,
  createIdentityKeys,
  memoryStorage,
  openFileSync,
  peerIdOf,
  type FileSync,
} from "../../core/index.ts";
import { seededRandom } from "../../core/base/random.ts";
import { openSqlJs } from "../../core/storage/sql-js.ts";
import { memoryNetwork } from "../../core/transport/memory.ts";
import { systemClock } from "../../core/transport/system-clock.ts";
import { root } from "../tidy/project.ts";

/** A megabyte of a real file. */
const fileBytes = 1_000_000;
/** Slow enough that a transfer is still under way when an example pauses it, fast enough for a test. */
const bytesPerSecond = 8_000_000;
/** For the descriptor to arrive. */
const announceMsMax = 5000;

const opened: FileSync[] = [];

/** Closes what the examples were given. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((sync) => sync.close()));
}

export async function pair() {
  const [annaKeys, identity] = [await createIdentityKeys(), await createIdentityKeys()];
  const group = { name: "examples", members: [peerIdOf(annaKeys), peerIdOf(identity)], keys: [createGroupKey()] };
  const network = memoryNetwork(systemClock(), seededRandom(1), { bytesPerSecond });
  network.connect("ben", "anna");
  const open = async (name: string, keys: typeof identity): Promise<FileSync> => {
    const sync = await openFileSync({
      storage: memoryStorage(),
      identity: keys,
      group,
      transport: network.transport(name),
    });
    opened.push(sync);
    return sync;
  };
  const [anna, sync] = [await open("anna", annaKeys), await open("ben", identity)];
  const bytes = readFileSync(`${root}node_modules/typescript/lib/typescript.js`).subarray(0, fileBytes);
  const messageId = "0190163d8694739baea5966c26f8ad91";
  const { fileId } = await anna.attach(bytes, { messageId, name: "typescript.js", mediaType: "text/javascript" });
  await known(sync, messageId);
  return { sync, anna, fileId: fileId as string, messageId, bytes, group, identity };
}

/**
 * A page of a browser: the platform has a WebSocket. Node 20 has none, so it gets the one of `ws`. And sql.js is loaded
 * once: the address of its wasm that an example gives is of a web server that there is none of.
 */
export async function page() {
  globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
  (await openSqlJs()).close();
  const keys = await createIdentityKeys();
  return { group: { name: "examples", members: [peerIdOf(keys)], keys: [createGroupKey()] } };
}

function known(sync: FileSync, messageId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error("the descriptor did not arrive")), announceMsMax);
    const look = setInterval(() => {
      if (sync.attachments({ messageId }).length === 0) return;
      clearTimeout(giveUp);
      clearInterval(look);
      resolve();
    }, 5);
  });
}
