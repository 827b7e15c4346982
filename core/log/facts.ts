/** What is asked of the tables with every message or ten times a second, remembered until a row of it changes. */
import type { FileId } from "../base/ids.ts";
import { rememberedFilesMax } from "../limits.ts";
import type { AttachmentRow, RowChange } from "../../schema/index.ts";
import type { LogQueries } from "./queries.ts";
import { Remembered } from "./remembered.ts";

export class Facts {
  readonly #queries: LogQueries;
  readonly #verified: Remembered<FileId, boolean>;
  readonly #descriptors: Remembered<FileId, AttachmentRow | undefined>;
  #nextExpiryMs: number | undefined | "unknown" = "unknown";

  constructor(queries: LogQueries) {
    this.#queries = queries;
    this.#verified = new Remembered(rememberedFilesMax, (fileId) => queries.isVerified(fileId));
    this.#descriptors = new Remembered(rememberedFilesMax, (fileId) => queries.descriptor(fileId));
  }

  /** Whether every window of the file was proved: asked for every window that is served. */
  isVerified(fileId: FileId): boolean {
    return this.#verified.get(fileId);
  }

  /** Its first descriptor: asked when it is wanted, ten times a second while it is fetched, and when it is complete. */
  descriptor(fileId: FileId): AttachmentRow | undefined {
    return this.#descriptors.get(fileId);
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
        this.#descriptors.forget(change.row.fileId);
      } else if (change.kind === "file_reset" || change.kind === "file_verified") {
        this.#verified.forget(change.fileId);
      }
    }
  }
}
