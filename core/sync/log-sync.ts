/**
 * How descriptors and deletions reach everyone. A peer that connects is asked, window by window, for the events that we
 * do not have; a filter of those we have keeps the answers short. Two passes with two salts catch what one filter
 * withheld, another follows now and then. What is recorded later is sent on at once.
 */
import { assert } from "../base/assert.ts";
import type { EpochMs, EventId } from "../base/ids.ts";
import { FileSyncError } from "../errors.ts";
import {
  openRequestsMax,
  syncExaminedMax,
  syncInFlightMax,
  syncIntervalMs,
  syncRequestsMax,
  syncRounds,
  syncWindowCountMax,
  syncWindowEventsTarget,
} from "../limits.ts";
import { checkForeignEvent, eventIdOf } from "../../events/index.ts";
import { filterElementOf } from "../log/shared-ids.ts";
import { filterBytesOf, SaltedFilter } from "./bloom.ts";
import { refuse, type Context } from "./context.ts";
import { encodeMessage, type MessageOf } from "./messages.ts";
import type { AskedEvents, Peer } from "./peer.ts";
import { logFilterSalt } from "./salt.ts";

interface LogRequest {
  readonly window: number;
  readonly deadlineMs: number;
}

/** Where the log sync with one peer stands. */
export class LogSync {
  windowCount = 1;
  /** Windows of this pass that are still to be asked for. */
  waiting: number[] = [];
  readonly open = new Map<number, LogRequest>();
  passesLeft = 0;
  nextPassAtMs: number;

  constructor(now: EpochMs) {
    this.nextPassAtMs = now;
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.open.size === 0;
  }

  nextTimeoutMs(): number {
    if (this.isIdle) return this.nextPassAtMs;
    let next = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.open.values()) next = Math.min(next, deadlineMs);
    return next;
  }
}

/** Asks what may be asked now; called when time passes and when answers come. */
export function driveLogSync(context: Context, peer: Peer, now: EpochMs): void {
  const sync = (peer.logSync ??= new LogSync(now));
  for (const [round, request] of sync.open) {
    if (request.deadlineMs > now) continue;
    sync.open.delete(round);
    sync.waiting.push(request.window);
  }
  if (sync.isIdle && (sync.passesLeft > 0 || sync.nextPassAtMs <= now)) beginPass(context, sync, now);
  while (sync.waiting.length > 0 && sync.open.size < syncInFlightMax) {
    const window = sync.waiting.shift();
    assert(window !== undefined, "a window waits");
    askWindow(context, peer, sync, window, now);
  }
}

function beginPass(context: Context, sync: LogSync, now: EpochMs): void {
  if (sync.passesLeft === 0) {
    sync.passesLeft = syncRounds;
    sync.nextPassAtMs = now + syncIntervalMs;
  }
  sync.passesLeft--;
  sync.windowCount = context.log.shared.windowCount();
  sync.waiting = Array.from({ length: sync.windowCount }, (_, window) => window);
}

function askWindow(context: Context, peer: Peer, sync: LogSync, window: number, now: EpochMs): void {
  const { windowCount } = sync;
  const round = context.random.u32();
  const ids = context.log.shared.ofWindow(window, windowCount);
  const filter =
    ids.length === 0 ? new Uint8Array(0) : filterOf(ids, logFilterSalt(context.identity.peerId, window, round));
  peer.outbox.push(encodeMessage("sync", { window, windowCount, round, filter }));
  sync.open.set(round, { window, deadlineMs: now + peer.flight.timeoutMs() });
}

/** A window holds about 100 events; the filter's size is that of the fullest such window, whatever is in it. */
const filterCapacity = 4 * syncWindowEventsTarget;

function filterOf(ids: readonly EventId[], salt: Uint8Array): Uint8Array {
  const filter = SaltedFilter.create(filterCapacity, salt);
  for (const id of ids) filter.add(filterElementOf(id));
  return filter.bytes;
}

export function onSync(context: Context, peer: Peer, message: MessageOf<"sync">): void {
  const { window, windowCount, round, filter } = message;
  const about = { name: "sync", window, round } as const;
  const isPowerOfTwo = windowCount > 0 && (windowCount & (windowCount - 1)) === 0;
  if (!isPowerOfTwo || windowCount > syncWindowCountMax || window >= windowCount) {
    return refuse(context, peer, new FileSyncError("window_mismatch", { detail: "sync" }), about);
  }
  if (peer.answers.length >= openRequestsMax || syncsWaiting(peer) >= syncRequestsMax)
    return refuse(context, peer, new FileSyncError("too_many_requests"), about);
  if (filter.length > 0 && filter.length !== filterBytesOf(filterCapacity))
    return refuse(context, peer, new FileSyncError("filter_size_invalid"), about);
  // Which events they are is worked out when it is their turn: what waits is the request alone.
  const asked = { window, windowCount, round, filter: filter.slice() };
  peer.answers.push({ kind: "events", asked, ids: undefined, held: 0, sent: 0 });
}

const syncsWaiting = (peer: Peer): number =>
  peer.answers.reduce((count, answer) => count + (answer.kind === "events" && answer.asked !== undefined ? 1 : 0), 0);

/** The events of a window that the asker's filter does not know, and how many there are in all. */
export function eventsAsked(
  context: Context,
  peer: Peer,
  asked: AskedEvents,
): { ids: readonly EventId[]; held: number } {
  const { window, windowCount, round, filter } = asked;
  const all = context.log.shared.ofWindow(window, windowCount);
  if (filter.length === 0) return { ids: all, held: all.length };
  const opened = SaltedFilter.open(filter, filterCapacity, logFilterSalt(peer.id, window, round));
  assert(opened.ok, "the filter's size was checked when it came");
  const ids = examinedOf(all, round).filter((id) => !opened.value.has(filterElementOf(id)));
  return { ids, held: all.length };
}

/**
 * A window that is far too wide for our log is an asker's that has almost nothing yet, or that wants us to work: a part
 * of it is looked at, and with another round another part.
 */
function examinedOf(ids: readonly EventId[], round: number): readonly EventId[] {
  if (ids.length <= syncExaminedMax) return ids;
  const start = round % ids.length;
  const run = ids.slice(start, start + syncExaminedMax);
  return run.length === syncExaminedMax ? run : run.concat(ids.slice(0, syncExaminedMax - run.length));
}

export function onSyncReply(context: Context, peer: Peer, message: MessageOf<"sync_reply">, now: EpochMs): void {
  if (peer.logSync?.open.delete(message.round) !== true) return;
  driveLogSync(context, peer, now);
}

/** Events from a peer: each is checked; the good ones are kept and sent on, a bad one is refused by name. */
export function onEvents(context: Context, peer: Peer, message: MessageOf<"events">, now: EpochMs): void {
  const fresh: EventId[] = [];
  for (const bytes of message.events) {
    if (context.log.has(eventIdOf(bytes))) continue;
    const checked = checkForeignEvent(bytes.slice(), context.log.keyring, (author) => isKnown(context, author), now);
    if (!checked.ok) {
      refuse(context, peer, checked.error, { name: "events" });
      continue;
    }
    context.record(checked.value, now);
    fresh.push(checked.value.id);
  }
  if (fresh.length > 0) context.announce(fresh, peer.id);
}

const isKnown = (context: Context, author: Parameters<typeof context.group.members.has>[0]): boolean =>
  context.group.members.has(author) || context.log.isKnownAuthor(author);
