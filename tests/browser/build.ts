/**
 * Bundles, made in memory by esbuild as an app's bundler would. The library is minified and split where it imports
 * dynamically, and the very files whose size is told are the ones that the pages load: their scripts import them and bring
 * no copy of their own.
 */
import { basename } from "node:path";
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

/** The library as a page loads it. */
export interface LibraryBundle {
  /** By address from the root: `/browser.js` and the parts that it imports. */
  readonly files: ReadonlyMap<string, string>;
  /** What is loaded with the page; all else is loaded when a store is opened. */
  readonly core: ReadonlySet<string>;
  readonly metafile: Metafile;
}

/** `entry` is the source or what a build made of it. */
export async function libraryBundle(entry = "core/browser.ts"): Promise<LibraryBundle> {
  const { outputFiles, metafile, warnings } = await build({
    ...options,
    minify: true,
    splitting: true,
    entryPoints: [{ in: entry, out: "browser" }],
    outdir: root,
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
  const files = new Map(outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]));
  return { files, core: coreOf(metafile), metafile };
}

function coreOf({ outputs }: Metafile): Set<string> {
  const core = new Set<string>();
  const waiting = ["browser.js"];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    core.add(`/${path}`);
    const imports = outputs[path]?.imports ?? [];
    waiting.push(...imports.filter(({ kind }) => kind === "import-statement").map((one) => one.path));
  }
  return core;
}

/** By address: every script that the pages load. */
export async function siteScripts(): Promise<Map<string, string>> {
  const [library, ...made] = await Promise.all([
    libraryBundle(),
    bundle("core/testing.ts"),
    bundle("tests/browser/page/scenarios.ts", { plugins: [theLibraryApart] }),
    bundle("tests/browser/page/vectors.ts"),
    bundle("docs/examples/browser/main.ts", { plugins: [theLibraryApart] }),
  ]);
  const addresses = ["/testing.js", "/scenarios.js", "/vectors.js", "/example/main.js"];
  return new Map([...library.files, ...addresses.map((address, i) => [address, made[i]?.text as string] as const)]);
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

/** Compressed by gzip, as servers send it. */
export interface BundleSize {
  /** Loaded with the page: our own code, immer, and the part of bloom-filters that is used. */
  readonly coreGzipBytes: number;
  /** Loaded when a store is opened: the scripts of libsodium and sql.js without their wasm. */
  readonly laterGzipBytes: number;
  /** libsodium's wasm is a text inside its script. That of sql.js is a file of its own and not counted. */
  readonly wasmGzipBytes: number;
  /** Minified, by package; `core` is ours with events and schema. */
  readonly minifiedByPackage: Readonly<Record<string, number>>;
}

export function sizeOf({ files, core, metafile }: LibraryBundle): BundleSize {
  const size = { coreGzipBytes: 0, laterGzipBytes: 0, wasmGzipBytes: 0 };
  for (const [address, text] of files) {
    const isCore = core.has(address);
    const scriptBytes = gzipBytesOf(isCore ? text : text.replaceAll(wasmText, ""));
    size[isCore ? "coreGzipBytes" : "laterGzipBytes"] += scriptBytes;
    size.wasmGzipBytes += gzipBytesOf(text) - scriptBytes;
  }
  return { ...size, minifiedByPackage: byPackage(metafile) };
}

const gzipBytesOf = (text: string): number => gzipSync(text, { level: 9 }).length;

function byPackage({ outputs }: Metafile): Record<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const owner = /node_modules\/((?:@[^/]+\/)?[^/.][^/]*)/.exec(path)?.[1] ?? "core";
      bytes.set(owner, (bytes.get(owner) ?? 0) + bytesInOutput);
    }
  }
  return Object.fromEntries([...bytes].sort(([, a], [, b]) => b - a));
}

/** Nothing else in the bundle is one text of this length without a space. */
export const wasmText = /[^\s"'`]{50000,}/g;
