/** The numbers of the bench that are its own, each with its reason; those of the library are in core/limits.ts. */

const kiB = 1024;

/** Pieces in which a source file is read: as large as those that attaching works in. */
export const readAheadBytes = 256 * kiB;
/** Sources that are no longer than this are attached from memory, as apps do with what they just received or made. */
export const inMemoryBytesMax = 256 * kiB;

// ---- small: many small files

export const smallFiles = 1000;
/** A messenger's mix, from a short voice message to a photo; the sizes in between are spread as their logarithms are. */
export const smallBytesMin = 2_000;
export const smallBytesMax = 200_000;
export const smallBytesInAll = 60_000_000;
/** Attached at one time: what an app that imports a chat would do. More gains nothing, one at a time waits for each flush. */
export const attachedAtOnce = 8;

// ---- open, idle: a store that has been in use for years

export const storedAttachments = 10_000;
/** Two slices: what counts is how many there are. */
export const storedAttachmentBytes = 600;
/** Stores that are made, not measured, are made in parallel. */
export const madeAtOnce = 64;
/** After connecting: the greeting, the sync of the log, and what they leave to be recorded and collected. */
export const settleMs = 4_000;
/** A whole period of the log sync and of the heartbeat (15 s each, core/limits.ts), so that a second has its share of both. */
export const idleMs = 15_000;

// ---- control: an app that is busy

export const controlWants = 1000;
export const controlFetchMiB = 500;
/** A call so often, on the running fetch. Ten taps a second would be many; this gives a thousand samples in five seconds. */
export const controlIntervalMs = 4;
/** Every so many rounds of calls the file that is being fetched is paused and resumed itself. */
export const controlOwnFileRounds = 25;
/** As fine as timers are. */
export const probeIntervalMs = 1;
/** So that looking at the CPU time takes under a hundredth of it. */
export const cpuLookIntervalMs = 20;

// ---- seek

/** Places in a file that are read from, spread by a generator with a fixed seed. */
export const seekOffsets = 200;
/** What a player asks for at a new place. */
export const seekBytes = 64 * kiB;
export const seekSeed = 450;

// ---- resume, wire

/** How often the sender looks whether half has been sent. */
export const killPollMs = 1;
export const tinyFileBytes = 2 * kiB;
/** Before and after a fetch whose bytes are counted: nothing else is on its way then. */
export const tinyQuietMs = 300;

// ---- comparing

/** A median that is this much worse than that of the base commit is told loudly. */
export const worseFactorMax = 1.15;
