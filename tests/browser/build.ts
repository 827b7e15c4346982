/**
 * Bundles, made in memory by esbuild as an app's bundler would. The library is one file, minified, and the very file
 * whose size is told is the one that the pages load: their scripts import it and bring no copy of their own.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Bundle {
  readonly text: string;
  readonly metafile: Metafile;
}

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: "browser",
  format: "esm",
  target: "es2022",
  write: false,
  metafile: true,
  logLevel: "silent",
} as const satisfies BuildOptions;

export async function bundle(entry: string, more: Pick<BuildOptions, "minify" | "plugins"> = {}): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({ ...options, ...more, entryPoints: [entry] });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
  return { text: outputFiles[0]?.text as string, metafile };
}

export const libraryBundle = (): Promise<Bundle> => bundle("core/browser.ts", { minify: true });

/** By address: every script that the pages load. */
export async function siteScripts(): Promise<Map<string, string>> {
  const made = await Promise.all([
    libraryBundle(),
    bundle("core/testing.ts"),
    bundle("tests/browser/page/scenarios.ts", { plugins: [theLibraryApart] }),
    bundle("tests/browser/page/vectors.ts"),
    bundle("docs/examples/browser/main.ts", { plugins: [theLibraryApart] }),
  ]);
  const addresses = ["/browser.js", "/testing.js", "/scenarios.js", "/vectors.js", "/example/main.js"];
  return new Map(addresses.map((address, i) => [address, made[i]?.text as string]));
}

/** The entries of the package, by the name that an app uses or by their path, are loaded and not bundled. */
const theLibraryApart: Plugin = {
  name: "the library apart",
  setup({ onResolve }) {
    onResolve({ filter: /(^focused-file-sync|\/core)\/(browser|testing)(\.ts)?$/ }, ({ path }) => ({
      path: path.includes("testing") ? "/testing.js" : "/browser.js",
      external: true,
    }));
  },
};

export interface BundleSize {
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
  /** libsodium's wasm is a text inside its script; without that. */
  readonly gzipWithoutWasmBytes: number;
  /** Minified, by package; `core` is ours with events and schema. */
  readonly minifiedByPackage: Readonly<Record<string, number>>;
}

export function sizeOf({ text, metafile }: Bundle): BundleSize {
  const gzip = (of: string): number => gzipSync(of, { level: 9 }).length;
  const byPackage = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})) {
    const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "core";
    byPackage.set(owner, (byPackage.get(owner) ?? 0) + bytesInOutput);
  }
  return {
    minifiedBytes: Buffer.byteLength(text),
    gzipBytes: gzip(text),
    gzipWithoutWasmBytes: gzip(withoutWasm(text)),
    minifiedByPackage: Object.fromEntries([...byPackage].sort(([, a], [, b]) => b - a)),
  };
}

/** Nothing else in the bundle is one text of this length without a space. */
const withoutWasm = (text: string): string => text.replaceAll(/[^\s"'`]{50000,}/g, "");
