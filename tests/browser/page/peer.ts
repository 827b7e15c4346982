/** What the scenarios share: peers in the page, made of the bundle under test and nothing else. */
import {
  createGroupKey,
  createIdentityKeys,
  FileSyncError,
  memoryStorage,
  openFileSync,
  peerIdOf,
  type Attachment,
  type FileSync,
  type OpenOptions,
} from "../../../core/browser.ts";
import { memoryNetwork, seededRandom, systemClock } from "../../../core/testing.ts";

export const sqlWasm = new URL("/sql-wasm-browser.wasm", location.href);

export async function openPeer(options: Omit<OpenOptions, "storage" | "sqlWasm">): Promise<FileSync> {
  return openFileSync({ storage: memoryStorage(), sqlWasm, ...options });
}

/** One peer that is alone. */
export async function openAlone(): Promise<FileSync> {
  const identity = await createIdentityKeys();
  return openPeer({ identity, group: { name: "alone", members: [peerIdOf(identity)], keys: [createGroupKey()] } });
}

/** Two peers with a line between them. */
export async function openPair(bytesPerSecond: number): Promise<{ anna: FileSync; ben: FileSync }> {
  const network = memoryNetwork(systemClock(), seededRandom(1), { delayMsMin: 5, delayMsMax: 15, bytesPerSecond });
  network.connect("anna", "ben");
  const identities = [await createIdentityKeys(), await createIdentityKeys()] as const;
  const group = { name: "pair", members: identities.map(peerIdOf), keys: [createGroupKey()] };
  const [anna, ben] = await Promise.all([
    openPeer({ identity: identities[0], group, transport: network.transport("anna") }),
    openPeer({ identity: identities[1], group, transport: network.transport("ben") }),
  ]);
  return { anna, ben };
}

/** Resolves when the peer has heard of an attachment of this message. */
export async function attachmentOf(sync: FileSync, messageId: string, signal?: AbortSignal): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const [attachment] = sync.attachments({ messageId });
      if (attachment === undefined) return;
      unsubscribe();
      resolve(attachment);
    };
    const unsubscribe = sync.subscribe(look);
    signal?.addEventListener("abort", () => {
      unsubscribe();
      reject(signal.reason as Error);
    });
    look();
  });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The same bytes wherever they are made; they do not compress and no two slices are equal. */
export const bytesOf = (seed: number, count: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(seededRandom(seed).bytes(count));

/** By the platform's own implementation, not by ours. */
export async function sha256(data: Blob | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The code or the message of what a promise fails with; undefined when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (thrown) {
    return thrown instanceof FileSyncError ? thrown.code : (thrown as Error).message;
  }
}
