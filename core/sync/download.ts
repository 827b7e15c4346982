/**
 * What is known of one wanted file while it is being fetched. Nothing here is stored: it comes back from the log and the
 * slice file when the process does (core/sync/restore.ts).
 *
 * A window is proved (its leaf matched), partial (some of its slices are here, provisional), or missing.
 */
import { assert } from "../base/assert.ts";
import type { EpochMs, FileId, PeerId } from "../base/ids.ts";
import { fileShape, sliceCountOf, windowRange, type FileShape } from "../base/sizes.ts";
import { SliceSet } from "../base/slice-set.ts";
import { bytesEqual } from "../base/bytes.ts";
import { Speed } from "../file/speed.ts";
import { sliceBytes } from "../limits.ts";
import type { FileProof } from "../log/slice-store.ts";
import type { WantRow } from "../../schema/index.ts";
import type { Agenda } from "./agenda.ts";
import type { LeavesInParts } from "./leaves.ts";

/** Who else's slices are in a window: decides who is to blame when its leaf does not match. */
export type Source = PeerId | "disk";

export interface LeavesAsk {
  readonly peer: PeerId;
  readonly deadlineMs: number;
}

/** What one request is about: so many windows from that one on. */
export interface AskedWindows {
  readonly window: number;
  readonly windows: number;
}

export interface PartialWindow {
  readonly held: SliceSet;
  readonly sources: Set<Source>;
}

export class Download {
  readonly fileId: FileId;
  readonly speed = new Speed();
  /** Peers that sent a wrong slice of this file; not asked for it again. */
  readonly liars = new Set<PeerId>();
  /** Windows whose slices of mixed origin did not match: fetched from one peer at a time. */
  readonly suspect = new Set<number>();
  readonly partial = new Map<number, PartialWindow>();
  /** How often a peer was asked for the leaves: whoever was asked least is next, so that nobody can keep the others out. */
  readonly leavesAsks = new Map<PeerId, number>();
  /** Proved since the last record in the log. */
  readonly unrecorded = new Set<number>();
  /** The list of leaves as far as it has come. */
  leaves: LeavesInParts | undefined;
  /** When this file was last given a place in somebody's flight: equal wants take turns. */
  servedAt = 0;
  /** Slices that came while the want was paused, because they were in flight. */
  lateSlices = 0;

  readonly #agenda: Agenda;
  #want: WantRow;
  #unrecordedSinceMs: EpochMs | undefined;
  #leavesAsk: LeavesAsk | undefined;
  #isFinishing = false;
  #shape: FileShape | undefined;
  #fileBytes: number | undefined;
  #proof: FileProof | undefined;
  #proved: SliceSet | undefined;
  #fileKey: Uint8Array | undefined;
  #noncePrefix: Uint8Array | undefined;
  #rootHash: Uint8Array | undefined;
  #slicesProvisional = 0;
  #slicesProved = 0;
  #cursor = 0;
  /** Windows under way. */
  readonly #asked = new Set<number>();
  /** Every window before it is proved or under way. */
  #askCursor = 0;
  /** Of windows that are not proved: how often each peer was asked in vain. */
  readonly #inVain = new Map<number, Map<PeerId, number>>();

  constructor(fileId: FileId, want: WantRow, agenda: Agenda) {
    this.fileId = fileId;
    this.#want = want;
    this.#agenda = agenda;
    agenda.change(this);
    agenda.reorder();
  }

  get want(): WantRow {
    return this.#want;
  }

  set want(row: WantRow) {
    this.#want = row;
    this.#agenda.change(this);
    this.#agenda.reorder();
  }

  get unrecordedSinceMs(): EpochMs | undefined {
    return this.#unrecordedSinceMs;
  }

  set unrecordedSinceMs(sinceMs: EpochMs | undefined) {
    this.#unrecordedSinceMs = sinceMs;
    this.#agenda.change(this);
  }

  /** Who was asked for the leaves, and until when it may take. */
  get leavesAsk(): LeavesAsk | undefined {
    return this.#leavesAsk;
  }

  set leavesAsk(ask: LeavesAsk | undefined) {
    this.#leavesAsk = ask;
    this.#agenda.change(this);
  }

  /** A flush is under way after which the file counts as verified. */
  get isFinishing(): boolean {
    return this.#isFinishing;
  }

  set isFinishing(isFinishing: boolean) {
    this.#isFinishing = isFinishing;
    this.#agenda.change(this);
  }

  /** Undefined until a descriptor or the leaves tell the length. */
  get shape(): FileShape | undefined {
    return this.#shape;
  }

  get fileBytes(): number | undefined {
    return this.#fileBytes;
  }

  get proof(): FileProof | undefined {
    return this.#proof;
  }

  get key(): { readonly fileKey: Uint8Array; readonly noncePrefix: Uint8Array } | undefined {
    return this.#fileKey === undefined || this.#noncePrefix === undefined
      ? undefined
      : { fileKey: this.#fileKey, noncePrefix: this.#noncePrefix };
  }

  get proved(): SliceSet {
    assert(this.#proved !== undefined, "windows are proved when the shape is known");
    return this.#proved;
  }

  get slicesHeld(): number {
    return this.#slicesProved + this.#slicesProvisional;
  }

  /** Plaintext bytes that the held slices carry: the last slice of the file may be shorter. */
  get bytesHeld(): number {
    const { shape, fileBytes } = this;
    if (shape === undefined || fileBytes === undefined || this.slicesHeld === 0) return 0;
    const padding = shape.sliceCount * sliceBytes - fileBytes;
    return this.slicesHeld * sliceBytes - (this.#holds(shape.sliceCount - 1, shape) ? padding : 0);
  }

  get isWhole(): boolean {
    return this.#proved?.isFull ?? false;
  }

  learnLength(fileBytes: number): void {
    if (this.#shape !== undefined) return;
    this.#fileBytes = fileBytes;
    this.#shape = fileShape(sliceCountOf(fileBytes));
    this.#proved = new SliceSet(this.#shape.windowsInUse);
  }

  learnKey(fileKey: Uint8Array, noncePrefix: Uint8Array, rootHash: Uint8Array): void {
    this.#fileKey = fileKey;
    this.#noncePrefix = noncePrefix;
    this.#rootHash = rootHash;
  }

  /** The descriptor has 256 bits of the root hash where the file id has 128: where there is one, it has the last word. */
  agrees(proof: FileProof): boolean {
    if (this.#rootHash === undefined) return true;
    return proof.fileBytes === this.#fileBytes && bytesEqual(proof.rootHash, this.#rootHash);
  }

  learnProof(proof: FileProof): void {
    this.learnLength(proof.fileBytes);
    this.#proof = proof;
    this.#noncePrefix = proof.noncePrefix;
    this.leaves = undefined;
  }

  /** It led to the file id and not to the descriptor's root hash: all that it proved is open again. */
  forgetProof(): void {
    this.#proof = undefined;
    this.#slicesProved = 0;
    this.#cursor = 0;
    this.#askCursor = 0;
    this.unrecorded.clear();
    this.unrecordedSinceMs = undefined;
    if (this.#shape !== undefined) this.#proved = new SliceSet(this.#shape.windowsInUse);
  }

  /** The window's slices that are here and provisional, made when there is none. */
  partialOf(window: number): PartialWindow {
    const known = this.partial.get(window);
    if (known !== undefined) return known;
    assert(this.#shape !== undefined, "a partial window has a shape");
    const made = { held: new SliceSet(windowRange(this.#shape, window).count), sources: new Set<Source>() };
    this.partial.set(window, made);
    return made;
  }

  /** Slices that are not here, not even provisionally; of a window that is not proved, or of several that are untouched. */
  missingIn({ window, windows }: AskedWindows): number {
    if (this.#shape === undefined) return 0;
    return windowRange(this.#shape, window, windows).count - (this.partial.get(window)?.held.count ?? 0);
  }

  countProvisional(change: number): void {
    this.#slicesProvisional += change;
    assert(this.#slicesProvisional >= 0, "no more slices leave than came");
  }

  setProved(window: number): void {
    assert(this.#shape !== undefined, "a proved window has a shape");
    if (!this.proved.add(window)) return;
    this.dropPartial(window);
    this.suspect.delete(window);
    this.#inVain.delete(window);
    this.#slicesProved += windowRange(this.#shape, window).count;
  }

  setUnproved(window: number): void {
    assert(this.#shape !== undefined, "a proved window has a shape");
    if (!this.proved.delete(window)) return;
    this.#slicesProved -= windowRange(this.#shape, window).count;
    this.#cursor = Math.min(this.#cursor, window);
    this.#askCursor = Math.min(this.#askCursor, window);
  }

  setAsked({ window, windows }: AskedWindows): void {
    for (let each = window; each < window + windows; each++) this.#asked.add(each);
  }

  setNotAsked({ window, windows }: AskedWindows): void {
    for (let each = window; each < window + windows; each++) {
      if (this.#asked.delete(each) && !this.proved.has(each)) this.#askCursor = Math.min(this.#askCursor, each);
    }
  }

  /** Nothing of the window is here, and nothing is known against it: it may be asked for along with others. */
  isUntouched(window: number): boolean {
    const isKnown = this.partial.has(window) || this.suspect.has(window) || this.#inVain.has(window);
    return !isKnown && !this.#asked.has(window) && !this.proved.has(window);
  }

  /** The peer was asked for the window, and the file has no slice more for it. */
  countInVain(window: number, peer: PeerId): void {
    if (this.#proved?.has(window) ?? false) return;
    const byPeer = this.#inVain.get(window) ?? new Map<PeerId, number>();
    this.#inVain.set(window, byPeer.set(peer, this.inVain(window, peer) + 1));
  }

  inVain(window: number, peer: PeerId): number {
    return this.#inVain.get(window)?.get(peer) ?? 0;
  }

  /** Forgets the provisional slices of a window. */
  dropPartial(window: number): void {
    const partial = this.partial.get(window);
    if (partial === undefined) return;
    this.#slicesProvisional -= partial.held.count;
    this.partial.delete(window);
  }

  /** The first window from `from` on that is neither proved nor under way; undefined when there is none. */
  nextToAsk(from = 0): number | undefined {
    const proved = this.#proved;
    if (proved === undefined) return undefined;
    let window = proved.nextMissing(Math.max(from, this.#askCursor));
    while (window < proved.length && this.#asked.has(window)) window = proved.nextMissing(window + 1);
    if (from <= this.#askCursor) this.#askCursor = window;
    return window < proved.length ? window : undefined;
  }

  #holds(slice: number, shape: FileShape): boolean {
    const window = Math.floor(slice / shape.slicesPerWindow);
    if (this.proved.has(window)) return true;
    return this.partial.get(window)?.held.has(slice - window * shape.slicesPerWindow) ?? false;
  }
}
