/** What is asked of the tables with every message or ten times a second, remembered until a row of it changes. */
import type { FileId } from "../base/ids.ts";
import { rememberedFilesMax } from "../limits.ts";
import type { RowChange } from "../../schema/index.ts";
import type { LogQueries } from "./queries.ts";
import { Remembered } from "./remembered.ts";

export class Facts {
  readonly #queries: LogQueries;
  readonly #verified: Remembered<FileId, boolean>;
  readonly #names: Remembered<FileId, string | undefined>;
  #nextExpiryMs: number | undefined | "unknown" = "unknown";

  constructor(queries: LogQueries) {
    this.#queries = queries;
    this.#verified = new Remembered(rememberedFilesMax, (fileId) => queries.isVerified(fileId));
    this.#names = new Remembered(rememberedFilesMax, (fileId) => queries.descriptor(fileId)?.name);
  }

  /** Whether every window of the file was proved: asked for every window that is served. */
  isVerified(fileId: FileId): boolean {
    return this.#verified.get(fileId);
  }

  /** What its first descriptor calls it: asked ten times a second of every file that is fetched. */
  nameOf(fileId: FileId): string | undefined {
    return this.#names.get(fileId);
  }

  /** When the next attachment expires: asked after every message. */
  nextExpiryMs(): number | undefined {
    if (this.#nextExpiryMs === "unknown") this.#nextExpiryMs = this.#queries.nextExpiryMs();
    return this.#nextExpiryMs;
  }

  /** What was remembered of the rows that change. */
  forget(changes: readonly RowChange[]): void {
    for (const change of changes) {
      if (change.kind === "attachment_added" || change.kind === "deletion_added") {
        this.#nextExpiryMs = "unknown";
        this.#names.forget(change.row.fileId);
      } else if (change.kind === "file_reset" || change.kind === "file_verified") {
        this.#verified.forget(change.fileId);
      }
    }
  }
}
