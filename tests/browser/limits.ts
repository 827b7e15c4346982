/** What an app for browsers pays for the library, at most; growth beyond it is a decision and not an accident. */

/** What is loaded with the page: everything but libsodium and sql.js. The goal. */
export const coreGzipBytesMax = 60_000;
/** The scripts of libsodium and sql.js without their WebAssembly, loaded when a store is opened: 20 and 15 KB as published. */
export const laterGzipBytesMax = 36_000;
