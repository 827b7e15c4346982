/**
 * A receiving process for tests/scenario/kill-process.test.ts: opens its store, dials, wants one file, tells of its
 * progress on stdout, a JSON line each, and ends when the file is complete. It does not mind being killed.
 */
import { createHash } from "node:crypto";
import { openFileSync } from "../../../core/index.ts";
import { nodeStorage, nodeWebSocketTransport } from "../../../core/node.ts";

/** What the test hands over as the only argument. */
export interface ReceiverSetup {
  readonly storePath: string;
  readonly url: string;
  readonly fileId: string;
  /** Keys as hex. */
  readonly publicKey: string;
  readonly secretKey: string;
  readonly groupKey: string;
  readonly members: readonly string[];
}

export type ReceiverLine =
  | { readonly kind: "opened" | "progress"; readonly slicesReceived: number }
  | { readonly kind: "complete"; readonly sha256: string };

const setup = JSON.parse(process.argv[2] ?? "") as ReceiverSetup;
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const tell = (line: ReceiverLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const { storePath, url, fileId, members } = setup;
const sync = await openFileSync({
  storage: nodeStorage(storePath),
  identity: { publicKey: bytesOf(setup.publicKey), secretKey: bytesOf(setup.secretKey) },
  group: { name: "the group", members, keys: [bytesOf(setup.groupKey)] },
  transport: nodeWebSocketTransport({ connect: url }),
});
const slicesReceived = (): number => sync.progress(fileId)?.slicesReceived ?? 0;
tell({ kind: "opened", slicesReceived: slicesReceived() });
sync.subscribe(() => tell({ kind: "progress", slicesReceived: slicesReceived() }));
await sync.request(fileId);
await sync.whenComplete(fileId);
const hash = createHash("sha256");
for await (const part of sync.read(fileId) as unknown as AsyncIterable<Uint8Array>) hash.update(part);
tell({ kind: "complete", sha256: hash.digest("hex") });
await sync.close();
