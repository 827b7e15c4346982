/** focused-file-sync/browser: the whole library for browsers. The same as the main entry, which has no Node part either. */
export * from "./index.ts";
