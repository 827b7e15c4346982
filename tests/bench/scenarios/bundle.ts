/** What a browser app pays for the library, minified by its bundler out of the compiled modules. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { libraryBundle, wasmText } from "../../browser/build.ts";
import type { FixedRun, Values } from "./scenario.ts";

export async function bundleSize({ built }: FixedRun): Promise<Values> {
  const { files, core } = await libraryBundle(fileURLToPath(new URL("core/browser.js", built.libraryUrl)));
  const gzipBytes = (text: string): number => gzipSync(text, { level: 9 }).length;
  let [coreBytes, scriptBytes, allBytes] = [0, 0, 0];
  for (const [address, text] of files) {
    const withoutWasm = gzipBytes(text.replaceAll(wasmText, ""));
    if (core.has(address)) coreBytes += withoutWasm;
    scriptBytes += withoutWasm;
    allBytes += gzipBytes(text);
  }
  return { bundle: coreBytes / 1000, "bundle-scripts": scriptBytes / 1000, "bundle-with-wasm": allBytes / 1000 };
}
