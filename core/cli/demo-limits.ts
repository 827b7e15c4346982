/** The numbers of the demo. Those of the library, which the demo holds it to, are in core/limits.ts. */
import { inFlightBytesInitial } from "../limits.ts";

const kiB = 1024;
const secondMs = 1000;

/** How long a transfer should take: long enough to watch and to stop in the middle, short enough to wait for. */
export const transferMs = 3 * secondMs;
/** The pace of the link is file size / `transferMs`, but not slower than this: the handshake takes its share too. */
export const linkBytesPerSecondMin = 64 * kiB;
/** Nor faster: the relay and both processes keep this up on a small machine with something else to do. */
export const linkBytesPerSecondMax = 16_000_000;
/** The relay hands on what its pace allows this often. */
export const linkTickMs = 10;
/** A pace is kept over this: after a stall no more than this is caught up. */
export const linkBurstMs = 50;
/** What waits in the relay before it stops reading; TCP then slows the sender, as a real link would. */
export const linkQueueBytesMax = 256 * kiB;

/** A smaller file has no middle to stop in: all of it may be asked for, and be under way, before half of it is here. */
export const middleBytesMin = 8 * inFlightBytesInitial;
/** Where a transfer is paused, killed, cancelled. */
export const middlePercent = 50;

/** After a pause what was in flight still comes; it is over when nothing came for this long. */
export const settledMs = 500;
/** But it has to be over after this. */
export const settleMsMax = 2 * secondMs;
/** How long nothing may arrive then. */
export const silenceMs = 2 * secondMs;
/** Pings and the group's log may speak while a file is paused: less than one window of any file that has a middle. */
export const silenceBytesMax = 4 * kiB;
/** How long late slices of a cancelled file are waited for. */
export const lateMs = 1 * secondMs;
/** Something is looked at this often while it is waited for. */
export const lookIntervalMs = 50;

/** Bytes on the wire of a fresh fetch: at most this many for each byte of the file, */
export const wireFactorMax = 1.06;
/** and handshake, descriptors and leaves. */
export const wireOverheadBytes = 32 * kiB;

/** What takes no time to speak of has this long, on a machine that is busy with something else. */
export const stepTimeoutMs = 30 * secondMs;
/** And what moves a file this many times longer than it should take. */
export const transferTimeoutFactor = 10;
/** After this a process that was asked to end is killed. */
export const closeTimeoutMs = 10 * secondMs;

/** Bars and plain lines. */
export const barIntervalMs = 80;
export const plainPercentStep = 25;
