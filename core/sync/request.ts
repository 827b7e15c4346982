/**
 * Asking: which windows of which file of which peer next. Wants go by priority, equal ones take turns request by
 * request; a peer is asked as long as its flight has room, and never for what it is known to lack or has lied about.
 *
 * Of windows in a row of which nothing is here one request asks for several: as many as are a small part of the flight.
 * What each request costs counts where windows are small and the path is fast.
 */
import { emptyBytes } from "../base/bytes.ts";
import type { EpochMs } from "../base/ids.ts";
import { sealedBytesOf, windowRange } from "../base/sizes.ts";
import { SliceSet } from "../base/slice-set.ts";
import {
  answerOverheadBytes,
  asksPerTurnMax,
  requestSlicesMax,
  requestTimeoutMsMax,
  slowestBytesPerSecond,
} from "../limits.ts";
import { SaltedFilter } from "./bloom.ts";
import type { Context } from "./context.ts";
import type { AskedWindows, Download } from "./download.ts";
import { encodeMessage } from "./messages.ts";
import type { OpenRequest, Peer } from "./peer.ts";
import { fileFilterSalt } from "./salt.ts";

/** Gives every peer as much to do as its flight has room for, or a part of it; what comes back, or fails to, brings the rest. */
export function schedule(context: Context, now: EpochMs): void {
  // Before anything else: this is called for each frame, and mostly every flight is as good as full.
  let waiting = hungryPeers(context);
  if (waiting.length === 0 || context.downloads.size === 0) return;
  const wanted = context.agenda.wanted(() => wantedInOrder(context));
  let left = asksPerTurnMax;
  for (const download of wanted) {
    if (left === 0) break;
    if (download.proof === undefined && askLeaves(context, download, now)) left--;
  }
  const places: Places = new Map();
  // Peers take turns too, a request each: of several holders none gets the whole file.
  while (waiting.length > 0 && left > 0)
    waiting = waiting.filter((peer) => left > 0 && askNext(context, peer, wanted, places, now) && left-- > 0);
}

function wantedInOrder(context: Context): Download[] {
  const wanted = [...context.downloads.values()].filter((download) => isWanted(context, download));
  return wanted.sort((a, b) => b.want.priority - a.want.priority || a.servedAt - b.servedAt);
}

/** Where in the wants the search for each peer goes on: what it could not be asked for before, it cannot within the same turn. */
type Places = Map<Peer, number>;

const isWanted = (context: Context, { want, fileId }: Download): boolean =>
  want.status === "active" && !context.drops.has(fileId);

function hungryPeers(context: Context): Peer[] {
  const hungry: Peer[] = [];
  for (const peer of context.peers.values()) if (peer.flight.isHungry) hungry.push(peer);
  return hungry;
}

/** Asks a peer once; false when it has no room or nothing that it could give. */
function askNext(context: Context, peer: Peer, wanted: Download[], places: Places, now: EpochMs): boolean {
  for (let i = places.get(peer) ?? 0; i < wanted.length; i++) {
    const download = wanted[i] as Download;
    if (download.liars.has(peer.id) || peer.lacksFile(download.fileId, now)) continue;
    const window = nextWindow(context, peer, download, now);
    if (window === undefined) continue;
    const asked = { window, windows: windowsInRow(peer, download, window, now) };
    const bytes = answerBytes(download, asked);
    if (!peer.flight.hasRoom(bytes)) return false;
    ask(context, peer, download, asked, bytes, now);
    places.set(peer, i);
    takeTurn(wanted, i, places);
    return true;
  }
  return false;
}

/** The file that was just served goes behind the others of its priority. */
function takeTurn(wanted: Download[], served: number, places: Places): void {
  const download = wanted[served] as Download;
  let to = served;
  while (wanted[to + 1]?.want.priority === download.want.priority) to++;
  if (to === served) return;
  wanted.splice(served, 1);
  wanted.splice(to, 0, download);
  const before = wanted[to - 1] as Download;
  download.servedAt = before.servedAt + 1;
  for (const [peer, place] of places) if (place > served && place <= to) places.set(peer, place - 1);
}

function nextWindow(context: Context, peer: Peer, download: Download, now: EpochMs): number | undefined {
  for (let window = download.nextToAsk(); window !== undefined; window = download.nextToAsk(window + 1)) {
    // Whole, but not proved yet: what is missing is the list of leaves.
    if (download.proof === undefined && (download.partial.get(window)?.held.isFull ?? false)) continue;
    if (!peer.lacksWindow(download.fileId, window, now) && !isBetterLeft(context, peer, download, window, now))
      return window;
  }
  return undefined;
}

/** How many windows from this one on are asked for at once. */
function windowsInRow(peer: Peer, download: Download, first: number, now: EpochMs): number {
  const { shape, fileId } = download;
  if (shape === undefined || !download.isUntouched(first)) return 1;
  const slicesMax = Math.min(requestSlicesMax, peer.flight.askBytes / sealedBytesOf(1));
  const windowsMax = Math.min(Math.floor(slicesMax / shape.slicesPerWindow), shape.windowsInUse - first);
  let windows = 1;
  while (
    windows < windowsMax &&
    download.isUntouched(first + windows) &&
    !peer.lacksWindow(fileId, first + windows, now)
  )
    windows++;
  return windows;
}

/**
 * Whether another that has room was asked for the window in vain less often. So silent, slow and lying peers take turns
 * with the one that gives, and none of them can hold a window by asking to be asked first (G-6).
 */
function isBetterLeft(context: Context, peer: Peer, download: Download, window: number, now: EpochMs): boolean {
  const inVain = download.inVain(window, peer.id);
  if (inVain === 0) return false;
  const { fileId } = download;
  return [...context.peers.values()].some(
    (other) =>
      download.inVain(window, other.id) < inVain &&
      !download.liars.has(other.id) &&
      !other.lacksFile(fileId, now) &&
      !other.lacksWindow(fileId, window, now) &&
      other.flight.hasRoom(answerBytes(download, { window, windows: 1 })),
  );
}

function answerBytes(download: Download, asked: AskedWindows): number {
  return sealedBytesOf(Math.min(download.missingIn(asked), requestSlicesMax)) + answerOverheadBytes;
}

function ask(context: Context, peer: Peer, download: Download, asked: AskedWindows, bytes: number, now: EpochMs): void {
  const { shape, fileId } = download;
  if (shape === undefined) return;
  const { window, windows } = asked;
  const range = windowRange(shape, window, windows);
  const round = context.random.u32();
  const held = windows > 1 ? undefined : download.partial.get(window)?.held;
  const filter =
    held === undefined || held.count === 0 ? emptyBytes : filterOf(context, download, window, round, held, range.start);
  const limit = Math.min(range.count, requestSlicesMax);
  const request: OpenRequest = {
    fileId,
    window,
    windows,
    round,
    limit,
    bytes,
    sentAtMs: now,
    order: peer.nextOrder(),
    latestMs: now + requestTimeoutMsMax + (1000 * (peer.flight.inFlightBytes + bytes)) / slowestBytesPerSecond,
    staged: new SliceSet(range.count),
    pieces: [],
  };
  const { windowCount } = shape;
  const frameBytes = Math.floor(peer.flight.askBytes) + answerOverheadBytes;
  const message = encodeMessage("sync_file", {
    fileId,
    window,
    windows,
    windowCount,
    round,
    limit,
    frameBytes,
    filter,
  });
  peer.outbox.push(message, request);
  peer.enter(request);
  download.speed.begin(now);
  download.setAsked(asked);
}

function filterOf(
  context: Context,
  download: Download,
  window: number,
  round: number,
  held: SliceSet,
  windowStart: number,
): Uint8Array {
  const salt = fileFilterSalt(context.identity.peerId, download.fileId, window, round);
  const filter = SaltedFilter.create(held.length, salt);
  for (const slice of held.values()) filter.add(windowStart + slice);
  return filter.bytes;
}

/** Whoever was asked for leaves and did not give them in time: another is asked, however full the flights are. */
export function askOverdueLeaves(context: Context, download: Download, now: EpochMs): boolean {
  const { leavesAsk } = download;
  return (
    leavesAsk !== undefined &&
    leavesAsk.deadlineMs <= now &&
    isWanted(context, download) &&
    askLeaves(context, download, now)
  );
}

/** The leaves are asked for along with the first windows, of one peer at a time; false when they are not asked for now. */
function askLeaves(context: Context, download: Download, now: EpochMs): boolean {
  if (download.proof !== undefined) return false;
  if (
    download.leavesAsk !== undefined &&
    download.leavesAsk.deadlineMs > now &&
    context.peers.has(download.leavesAsk.peer)
  )
    return false;
  const holders = [...context.peers.values()].filter(
    (peer) => !download.liars.has(peer.id) && !peer.lacksFile(download.fileId, now),
  );
  // Whoever was asked least: those that did not answer take turns with those that were never asked.
  const { leavesAsks } = download;
  const asks = (each: Peer): number => leavesAsks.get(each.id) ?? 0;
  const peer =
    holders.length === 0 ? undefined : holders.reduce((best, each) => (asks(each) < asks(best) ? each : best));
  if (peer === undefined) {
    // Nobody to ask: whoever comes, or is asked again, will be.
    if (download.leavesAsk !== undefined) download.leavesAsk = undefined;
    return false;
  }
  if (download.leaves?.from !== peer.id) download.leaves = undefined;
  leavesAsks.set(peer.id, asks(peer) + 1);
  const first = download.leaves?.firstMissing ?? 0;
  peer.outbox.push(encodeMessage("sync_file_leaves", { fileId: download.fileId, first }));
  download.leavesAsk = { peer: peer.id, deadlineMs: now + peer.flight.timeoutMs() };
  return true;
}
