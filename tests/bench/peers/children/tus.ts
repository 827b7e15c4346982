/**
 * A resumable upload over plain HTTP: tus-js-client sends, @tus/server with its FileStore receives. tus does not verify
 * content, so a SHA-256 of the stored file is within the clock. Nothing is encrypted. The receiver is the server, so the
 * question is that it tells the sender where it listens.
 */
import { once } from "node:events";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { digestOfFile } from "../disk.ts";
import type { Info } from "./contract.ts";
import { runEnd } from "./ends.ts";

const retryDelayMs = 500;
const retryCountMax = 40;
/** Only where a kill is to come. */
const watchIntervalMs = 3;

runEnd<Info>({
  async sender({ source, begin }) {
    const { Upload } = await import("tus-js-client");
    begin(); // nothing to take in: the client reads from the file
    let upload: InstanceType<typeof Upload> | undefined;
    return {
      info: {},
      told({ port }) {
        if (upload !== undefined) return; // the receiver came back: the client tries again by itself
        upload = new Upload(createReadStream(source.path), {
          endpoint: `http://127.0.0.1:${String(port)}/files`,
          uploadSize: source.fileBytes,
          metadata: { sha256: source.digest },
          retryDelays: Array<number>(retryCountMax).fill(retryDelayMs),
          onError: (error) => {
            throw error;
          },
        });
        upload.start();
      },
    };
  },
  async receiver({ folder, fileBytes, isWatched, tellSender, progress }) {
    const { Server } = await import("@tus/server");
    const { FileStore } = await import("@tus/file-store");
    const portPath = join(folder, "..", "port");
    let path = "";
    let settle: { resolve(): void; reject(error: Error): void } | undefined;
    const done = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const tus = new Server({
      path: "/files",
      datastore: new FileStore({ directory: folder }),
      async onUploadFinish(_request, upload) {
        path = join(folder, upload.id);
        if ((await digestOfFile(path)) === upload.metadata?.["sha256"]) settle?.resolve();
        else settle?.reject(new Error("the file is not what was sent"));
        return {};
      },
    });
    const server = createServer((request, response) => void tus.handle(request, response));
    if (isWatched) setInterval(() => progress(storedBytesIn(folder) / fileBytes), watchIntervalMs);
    // One that comes back has the port it had.
    const port = existsSync(portPath) ? Number(readFileSync(portPath, "utf8")) : 0;
    return {
      async receive() {
        server.listen(port, "127.0.0.1");
        await once(server, "listening");
        const heard = (server.address() as AddressInfo).port;
        writeFileSync(portPath, String(heard));
        tellSender({ port: heard });
        await done;
        return {};
      },
      digest: () => digestOfFile(path),
      close: async () => void server.close(),
    };
  },
});

/** What it keeps beside the file has an extension. */
function storedBytesIn(folder: string): number {
  const names = readdirSync(folder).filter((name) => !name.includes("."));
  return names.reduce((total, name) => total + statSync(join(folder, name)).size, 0);
}
