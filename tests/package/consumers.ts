/** Small programs that use the package from outside, as text: they are compiled and run beside the packed package. */

export const nodeConsumer = `
import { FileSyncError, memoryStorage, openFileSync } from "focused-file-sync";
import * as testing from "focused-file-sync/testing";
import { nodeStorage } from "focused-file-sync/node";

type Options = Parameters<typeof openFileSync>[0];
export const storages: Options["storage"][] = [memoryStorage(), nodeStorage("store")];
export const code = (error: unknown): string => (error instanceof FileSyncError ? error.code : "unknown");
export const names: string[] = Object.keys(testing);
`;

export const browserConsumer = `
import { FileSyncError, memoryStorage, openFileSync } from "focused-file-sync";
import * as browser from "focused-file-sync/browser";

type Options = Parameters<typeof openFileSync>[0];
export const storage: Options["storage"] = memoryStorage();
export const retry = (error: unknown): boolean => error instanceof FileSyncError && error.retryable;
export const names: string[] = Object.keys(browser);
`;

/** `./browser` is imported too: it must load where there is no window, for bundlers that render on a server. */
export const smoke = `
import { FileSyncError, memoryStorage, openFileSync } from "focused-file-sync";
import { nodeStorage } from "focused-file-sync/node";
import * as browser from "focused-file-sync/browser";
import * as testing from "focused-file-sync/testing";

for (const face of [FileSyncError, memoryStorage, openFileSync, nodeStorage]) {
  if (typeof face !== "function") throw new Error("a face is missing");
}
if (Object.keys(browser).length === 0 || Object.keys(testing).length === 0) throw new Error("an entry is empty");
console.log("smoke: ok");
`;
