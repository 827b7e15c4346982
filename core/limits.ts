/**
 * Every number of the library: its home, its unit (last in the name) and its reason. The assertions at the end tie
 * numbers to their neighbours, so that one cannot be changed alone.
 *
 * Why so long: a number that is anywhere else is one that nobody finds.
 */
import { assert } from "./base/assert.ts";

const kiB = 1024;
const secondMs = 1000;
const minuteMs = 60 * secondMs;

// ---- Slices and windows (FOCUSED_FILE_SYNC.md, section 3)

/** Plaintext bytes of a slice: what is left of a 512-byte event after its header, nonce and tag. */
export const sliceBytes = 450;
/** Poly1305 tag. */
export const tagBytes = 16;
/** XChaCha20 nonce: prefix and slice number. */
export const nonceBytes = 24;
export const noncePrefixBytes = 20;
/** Ciphertext and tag: a slice at rest and on the wire. */
export const sealedSliceBytes = 466;
/** The canonical `file_slice` event. */
export const sliceEventBytes = 512;
/** The slice number is a u32 in the nonce: one more slice would use a nonce twice. */
export const sliceCountMax = 2 ** 32;
/** Windows hold about this many slices until the window count reaches its maximum. */
export const windowSlicesTarget = 100;
/** Bounds the list of leaves to 128 KiB whatever the file's size. */
export const windowCountMax = 4096;
export const hashBytes = 32;
export const fileKeyBytes = 32;

// ---- Events

/** So that each event fits one datagram on a path of 1,280 bytes (IPv6's minimum) with headers to spare. */
export const eventBytesMax = 1200;
/** What file systems allow of a name, so any real one fits. */
export const nameBytesMax = 255;
/** The longest that are in use, those of office documents, have some 85 characters. */
export const mediaTypeBytesMax = 127;
/** Room for a thumbhash (about 28) or a blurhash (about 30). */
export const previewBytesMax = 64;
/** Windows proved are recorded as ranges; a record holds at most this many, more go to further records. */
export const provedRangesMax = 128;
/** An app's time to live: far beyond any use, and with the time of now added it is still an exact number. */
export const ttlMsMax = 2 ** 52;
/** A clock may be wrong; an event from further ahead than this is refused. */
export const eventFutureMsMax = 24 * 60 * minuteMs;

// ---- Cryptography (core/crypto)

/** Slices per pass through libsodium's heap: plaintext and ciphertext together stay within a second-level cache. */
export const cryptoBatchSlices = 256;
/** Bytes per pass when hashing what is longer; the state is carried from pass to pass. A window of a file of 700 MB is one pass. */
export const hashPassBytes = 192 * kiB;
/** What is kept of libsodium's heap between calls; a larger need (the sealed cache) is given back at once. */
export const cryptoArenaBytesMax = 640 * kiB;
export const cryptoArenaBytesMin = 64 * kiB;
/** A frame of crypto_secretstream is one byte of tag, the ciphertext and a Poly1305 tag. */
export const streamOverheadBytes = 17;

/** Frames shorter than this are quicker in WebAssembly than in a cipher of the runtime's, which has to be set up. */
export const nativeFrameBytesMin = 4 * kiB;
/** Longer frames are padded to a multiple of this: the runtime's cipher takes those (core/crypto/native-stream.ts). */
export const framePadMultiple = 8;

/** Group keys that an app may hand over: more epochs than a group lives, and every descriptor names the one it needs. */
export const groupKeysMax = 1024;

// ---- Bloom filters

/** Bits per slice of a full window: 3 % false positives with five hashes. */
export const filterBitsPerSlice = 7.3;
/** 100 slices in 512 bits would give 9.4 %, so this is the floor, not the size. */
export const filterBitsMin = 512;
/** A filter must fit one message. Beyond it (windows over 57,000 slices, files over 100 GB) false positives rise and rounds repair. */
export const filterBytesMax = 52 * kiB;
export const filterHashes = 5;

// ---- Attaching

/** Bytes sealed in one go: 256 KiB take about a millisecond. */
export const sourcePieceBytes = 256 * kiB;
/** From here on a second thread seals as well: to start one takes some 130 ms, in which 8 MiB are sealed. */
export const sealingThreadFileBytesMin = 16 * 1024 * kiB;
/** What a thread gets at a time, in whole windows: 256 KB, some 3 ms. */
export const sealingBatchSlices = 570;
/** Files whose windows are longer (over 4 GB) are sealed by one thread. */
export const sealingWindowSlicesMax = 2250;
/** What a thread has before it, so that it never waits for the other. */
export const sealingSlots = 3;
/** What is known to be no longer is sealed in memory and written once, under its own name. */
export const attachInMemoryBytesMax = 256 * kiB;
/** Then the event loop gets a turn: every 10 ms or so. */
export const attachTurnBytes = 2048 * kiB;

// ---- Messages

/** One message of the engine; several travel in one frame. */
export const messageBytesMax = 256 * kiB;
/** One frame of the channel: one decryption. A few short messages ride along with full ones. */
export const frameBytesMax = messageBytesMax + 4 * kiB;
/** Shorter buffers are left to the collector: to take one away costs some microseconds. */
export const releaseBytesMin = 16 * kiB;
/** Reads of one socket that wait to be given back; older ones are left to the collector. The longest frame is five. */
export const unspentReadsMax = 64;
/** Messages in one frame: a frame is handled in one go, and of the shortest ones it would hold 50,000. */
export const frameMessagesMax = 2048;
/** What a frame is filled to at least, when there is as much to send. */
export const frameFillBytesMin = 68 * kiB;
/** What the engine may put into one frame of a channel. */
export const framePlainBytesMax = frameBytesMax - streamOverheadBytes;
/** Slices in one `slices` message: as many as fit beside its header, however many runs they are. */
export const sliceBatchMax = 550;
/** Slices in one message to whoever asks for no longer frames: 64 KiB, half a second at 1 Mbit/s. */
export const sliceBatchMin = 139;
/** Slices of a file that are sealed, opened or hashed in one go: 64 KiB. */
export const fileBatchSlices = 139;
/** Leaves in one message. */
export const leavesBatchMax = 1024;

// ---- Requests

/** Headers, runs and reply of an answer, about. */
export const answerOverheadBytes = 240;
/** Slices asked for by one request: bounds what is staged in memory for windows of huge files to 1 MiB. */
export const requestSlicesMax = 2250;
/** What may be under way to one peer before the first answer: a few windows, so that a slow link is not flooded. */
export const inFlightBytesInitial = 128 * kiB;
export const inFlightBytesMin = 48 * kiB;
/** Fills 100 Mbit/s at 300 ms (3.75 MB). More would only queue. */
export const inFlightBytesMax = 4096 * kiB;
/** 500 Mbit/s: what a path has under way at most, for each millisecond that its fastest answer took. More would only queue. */
export const pathBytesPerMs = 64 * kiB;
/** On the shortest paths: what is being handled, what is on its way, and what is being made. */
export const inFlightBytesNear = 640 * kiB;
/** An answer in that time comes from the same machine or the same room. */
export const nearMsMax = 10;
/** What is asked for at a time on such a path: a frame of it. What each frame costs counts here; the rest of the flight keeps both ends busy. */
export const askBytesNear = 250 * kiB;
/** Elsewhere a flight is filled up when one part in so many is free: a link that is slow is never left without work. */
export const askAheadParts = 8;
/** Windows and leaves asked for in one go, some 3 ms: a thousand small files, or as many that nobody has, take turns with the rest. */
export const asksPerTurnMax = 256;
/**
 * Answers that come within `factor` × the fastest answer + `slack` came in time: nothing queues on the way. The slack is
 * as long as the fastest answer took, within these bounds: what a path of 1 ms has under way beyond that only waits.
 */
export const answerInTimeFactor = 2;
export const answerInTimeSlackMsMin = 4;
export const answerInTimeSlackMsMax = 40;
/** Before anything is measured: a window at 16 kB/s, and a second for the way. */
export const requestTimeoutMsInitial = 4 * secondMs;
/** Losses are noticed by later answers; a time-out is for silence, and a busy peer is silent for a while. */
export const requestTimeoutMsMin = 1 * secondMs;
export const requestTimeoutMsMax = 20 * secondMs;
/** An answer that flows more slowly than this on average is given up and asked of another: 1 MiB in four minutes. */
export const slowestBytesPerSecond = 4 * kiB;
/** A peer that does not hold a file or window is asked again after this. */
export const askAgainMs = 5 * secondMs;
/** A filter withholds the one missing slice four times running once in a million; more often it is a peer that gives nothing. */
export const fruitlessAnswersMax = 4;
/** Requests that a peer may have open with us: what fills the largest flight with the smallest windows, and then some. */
export const openRequestsMax = 2048;
/** The app's order among its wants: 10 is first. */
export const priorityMin = 1;
/** First in line. */
export const priorityMax = 10;
/** In the middle, so that an app can put others before and behind it. */
export const priorityDefault = 5;

/** Messages that may wait for a peer before refusals to it are left unsaid: it sends, and does not read. */
export const outboxMessagesMax = 4096;
/** Messages that no honest peer would send, after which it is dropped. */
export const refusalsMax = 1000;

// ---- Sync of the log

/** Events per window of the log sync. */
export const syncWindowEventsTarget = 100;
export const syncWindowCountMax = 4096;
/** Every window is asked for twice with two salts: what one filter withholds (3 %) the next gives. */
export const syncRounds = 2;
/** Then again at this interval, for what both withheld or a connection lost. */
export const syncIntervalMs = 15 * secondMs;
/** Answers of the log sync that may be under way from one peer. */
export const syncInFlightMax = 16;
/** Of one peer so many may wait to be answered: those of a pass, and once more when they were asked again. */
export const syncRequestsMax = 2 * syncInFlightMax;
/** Events that one answer compares with a filter: some 3 ms. Honest windows hold a few hundred. */
export const syncExaminedMax = 8192;

// ---- Recording

/** Proved windows are recorded when so many are waiting or so long has passed: a flush each, so neither too often. */
export const recordWindowsMax = 512;
export const recordDelayMs = 1 * secondMs;

/** Files flushed at one time: enough that they share what the system does for each, and few enough handles. */
export const flushesPerTurn = 64;
/** What is due and cannot be recorded is tried again after this: a full disk must not keep a core busy. */
export const storageRetryMs = 1 * secondMs;

/** A longer cache is not read: SQLite in WebAssembly could not hold it, and the log fills the tables. */
export const cacheBytesMax = 1024 * 1024 * kiB;
/** One frame of the cache: in one call for all of it the runtime would not come to compile the cipher well. */
export const cacheFrameBytes = 64 * kiB;
/** Frames read or written in one go, some 5 ms. */
export const cacheTurnFrames = 32;
/** Bytes of the log read at a time: 150 records, where a read for each takes longer than to check it. */
export const logScanBytes = 64 * kiB;
/** Records read at opening in one go, some 10 ms; fewer when they are replayed, too. */
export const openTurnRecords = 1024;
export const openTurnEvents = 96;
/** Files of slices looked at in one go for whether anybody knows them. */
export const openTurnFiles = 512;
/** Higher sequences are not believed: a device counts one up for each of its own events. */
export const sequenceMax = 2 ** 52;

/** Files of which name and completeness are remembered: more than are fetched or served at one time. */
export const rememberedFilesMax = 4096;

/** Events replayed at opening from which on the tables are cached again: fewer replay faster than a cache is written. */
export const cacheEventsMin = 1000;
/** At closing they are when more than one event in so many is not in the cache: the rest is replayed at opening in less time than is spent on reading it. */
export const cachedEventsPerReplayed = 100;

// ---- Snapshots for user interfaces

/** Progress of a file changes at most 10 times a second. */
export const progressIntervalMs = 100;
/** While there are no more files than this, each new attachment is told at once: a map of them, for who asks then, takes 0.1 ms. */
export const snapshotsCheapMax = 1000;
/** While anything is active its speed and time left are worked out anew at this pace, even when nothing comes. */
export const progressIdleIntervalMs = 500;
/** Speed is averaged over this. */
export const speedWindowMs = 3 * secondMs;

// ---- Connections

/** A timer that fires this late was held up with everything else: what came meanwhile is taken in before anything is given up. */
export const lateTimerMs = 50;

/** Version of the handshake and of the frames after it. */
export const channelVersion = 1;

/** Three messages on the slowest link that is of use; who takes longer holds a place for nothing. */
export const handshakeTimeoutMs = 10 * secondMs;
/** A broken connection is dialled again after this, then after twice as long each time. */
export const reconnectDelayMsMin = 250;
/** But never later than this: a peer that is back is found within half a minute. */
export const reconnectDelayMsMax = 30 * secondMs;
/** Bytes waiting in a connection above which nothing more is handed to it: two frames keep it busy, and what waits here a pause cannot call back. */
export const sendBufferBytesMax = 128 * kiB;
/** What one connection brings is taken in for this long in one turn of the event loop, and a frame more. */
export const takingTurnMs = 8;
/** A connection that lived this long was a good one: the next redial starts again from the shortest delay. */
export const reconnectStableMs = 10 * secondMs;
/** A connection that is being closed has this long for each step forward (bytes leaving, the other side's goodbye). */
export const closeTimeoutMs = 5 * secondMs;
/** And this long altogether, however steadily it drips: a full send buffer at 17 KB/s. */
export const closeDurationMsMax = 30 * secondMs;
/** Browsers tell nobody that a socket's buffer went down, so it is looked at; 512 KiB every 5 ms is 100 MB/s. */
export const drainPollIntervalMs = 5;
/** A ping so often: below the 30 s after which the strictest home routers and proxies forget a silent connection. */
export const heartbeatIntervalMs = 15 * secondMs;
/** Pings in a row that may pass without any sign of life. One may be stuck behind a full buffer. */
export const heartbeatMissesMax = 2;
/** Connections that a server holds unless told otherwise: 256 × (a frame + a send buffer) is under 150 MiB. */
export const connectionCountMax = 256;
/** Pieces in which one frame may come, as WebSocket fragments or as reads: at 536 bytes a packet it is 130. */
export const framePiecesMax = 4096;

// ---- Storage and SQL

/** A longer file is given back by another thread: 4 MiB take the system less than a millisecond. */
export const removedAtOnceBytesMax = 4096 * kiB;
/** Prepared statements kept: more than the library has. A statement holds some kilobytes of the engine's memory. */
export const sqlStatementsMax = 256;
/** Files in memory are pieces of this: a window's slices touch one or two, and what is never written takes nothing. */
export const memoryChunkBytes = 256 * kiB;
/** A piece begins with this and doubles: small files stay small. */
export const memoryChunkBytesMin = 4 * kiB;
/** Claims of a lock that may follow one another when process after process dies while taking it over. */
export const lockClaimsMax = 8;
/** Times a lock that vanishes or changes hands while it is looked at is looked at again. */
export const lockLooksMax = 16;
/** A lock without a readable owner is younger than this while its owner may still be writing it. */
export const lockUnreadableMs = 5 * secondMs;

// ---- How they hang together

assert(sealedSliceBytes === sliceBytes + tagBytes, "a sealed slice is ciphertext and tag");
assert(nonceBytes === noncePrefixBytes + 4, "a nonce is prefix and slice number");
assert(sliceEventBytes === 2 + 16 + 4 + nonceBytes + sealedSliceBytes, "a slice event is header and sealed slice");
assert(sliceCountMax / windowCountMax <= 2 ** 32, "a slice number within a window fits a u32");
assert(sliceBatchMax * (sealedSliceBytes + 8) + 512 <= messageBytesMax, "a batch of slices fits a message");
assert(sliceBatchMin * (sealedSliceBytes + 8) + 512 <= frameFillBytesMin, "a short batch fits a frame filled least");
assert(leavesBatchMax * hashBytes + 512 <= messageBytesMax, "a batch of leaves fits a message");
assert(filterBytesMax + 512 <= messageBytesMax, "a filter fits a message");
assert(eventBytesMax < messageBytesMax && messageBytesMax < frameBytesMax, "an event fits a message fits a frame");
assert(messageBytesMax < framePlainBytesMax, "a message fits a frame of a channel");
assert(frameFillBytesMin <= frameBytesMax, "a frame filled least is a frame");
assert(messageBytesMax + streamOverheadBytes + framePadMultiple + 4 <= frameBytesMax, "a message fits a frame");
assert(
  cryptoBatchSlices * (sliceBytes + sealedSliceBytes) + 256 <= cryptoArenaBytesMax,
  "a pass of slices fits the arena",
);
assert(framePadMultiple % 8 === 0, "padded frames are what a cipher of the runtime's takes");
assert(2 * frameBytesMax + 256 <= cryptoArenaBytesMax, "a frame and its plaintext fit the arena");
assert(2 * cacheFrameBytes + 256 <= cryptoArenaBytesMax, "a frame of the cache and its plaintext fit the arena");
assert(Number.isInteger(Math.log2(memoryChunkBytes / memoryChunkBytesMin)), "a piece doubles up to its reach");
assert(logScanBytes > 8 * eventBytesMax, "a piece of the log holds many records");
assert(eventBytesMax < 2 ** 16, "the length of a record is in its last two bytes");
assert(hashPassBytes + 1024 <= cryptoArenaBytesMax, "a pass of hashing fits the arena");
assert(provedRangesMax * 4 + 200 <= eventBytesMax, "a record of proved windows fits an event");
assert(nameBytesMax + mediaTypeBytesMax + previewBytesMax + 420 <= eventBytesMax, "a full descriptor fits an event");
assert(windowSlicesTarget <= sliceBatchMin, "a window of a common file travels in one message");
assert(outboxMessagesMax > openRequestsMax, "the answers to all open requests of a peer can wait for it");
assert(inFlightBytesMin <= inFlightBytesInitial && inFlightBytesInitial <= inFlightBytesMax, "a flight has bounds");
assert(closeDurationMsMax % closeTimeoutMs === 0, "closing is a whole number of steps");
assert(framePiecesMax * 500 > frameBytesMax, "a frame in the smallest usual packets is taken");
assert(
  filterBitsMin / windowSlicesTarget < filterBitsPerSlice,
  "the floor of the filter is below its size for a full window",
);
