/**
 * A sign of life that needs no process number: the lock's owner listens on a socket in the store's folder, and the system
 * stops listening for it however it ends. It is asked where the number tells nothing: from another container that
 * shares the folder, and for another thread of the same process. Linux only, since only there the folder can be
 * named by a short path (sun_path holds 108 bytes); elsewhere neither question is decided, and the lock is held.
 */
import { closeSync, openSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";

export const beaconPrefix = "lock.beacon.";

export interface Beacon {
  close(): void;
}

const isLinux = process.platform === "linux";

/** Undefined where the system or its file system has no such sockets. */
export async function lightBeacon(folder: string, token: string): Promise<Beacon | undefined> {
  if (!isLinux) return undefined;
  const server = createServer((socket) => socket.destroy());
  server.on("error", () => {});
  server.unref();
  const isLit = await throughShortPath(folder, token, (path) => listening(server, path));
  if (!isLit) return undefined;
  return {
    close() {
      server.close();
      rmSync(join(folder, beaconPrefix + token), { force: true });
    },
  };
}

/** In doubt it shines. */
export async function beaconShines(folder: string, token: string): Promise<boolean> {
  if (!isLinux) return true;
  return throughShortPath(
    folder,
    token,
    (path) =>
      new Promise((resolve) => {
        const socket = connect(path, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
          resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
        });
      }),
  );
}

function listening(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(path, () => resolve(true));
  });
}

async function throughShortPath(
  folder: string,
  token: string,
  use: (path: string) => Promise<boolean>,
): Promise<boolean> {
  const descriptor = openSync(folder, "r");
  try {
    return await use(`/proc/self/fd/${descriptor}/${beaconPrefix}${token}`);
  } finally {
    closeSync(descriptor);
  }
}
