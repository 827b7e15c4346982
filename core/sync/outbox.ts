/**
 * Messages that wait to be taken. A request in it is not asked yet: when the user pauses, it is taken back, so that
 * nothing leaves after the pause (G-4).
 */
import type { FileId } from "../base/ids.ts";
import type { OpenRequest } from "./peer.ts";

interface Waiting {
  readonly bytes: Uint8Array;
  readonly request: OpenRequest | undefined;
}

export class Outbox {
  #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** `request` is what a `sync_file` asks for. */
  push(bytes: Uint8Array, request?: OpenRequest): void {
    this.#waiting.push({ bytes, request });
  }

  shift(): Uint8Array | undefined {
    return this.#waiting.shift()?.bytes;
  }

  /** Takes back what would have been asked of a file. */
  withdraw(fileId: FileId): OpenRequest[] {
    const withdrawn = this.#waiting.flatMap(({ request }) => (request?.fileId === fileId ? [request] : []));
    if (withdrawn.length > 0) this.#waiting = this.#waiting.filter(({ request }) => request?.fileId !== fileId);
    return withdrawn;
  }
}
