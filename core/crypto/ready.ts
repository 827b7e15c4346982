/** Before anything of this folder is used: libsodium is loaded, and what the runtime has of its own is found out. */
import { prepareNativeStream } from "./native-stream.ts";
import { cryptoReady as sodiumReady } from "./sodium.ts";

/** Resolves when the other functions of this folder may be called; all of those are synchronous. */
export const cryptoReady = (): Promise<void> => sodiumReady().then(prepareNativeStream);
