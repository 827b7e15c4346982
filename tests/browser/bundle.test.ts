/**
 * The bundle that an app for browsers gets: nothing of Node in it. Some packages mention a global of Node where we never
 * come; each such place is listed here, and that it is never entered is shown in page.test.ts.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import ts from "typescript";
import { bundle, libraryBundle, sizeOf, wasmText } from "./build.ts";
import { coreGzipBytesMax, laterGzipBytesMax } from "./limits.ts";

const test = suite("browser: bundle");

/** Global of Node, by the package that mentions it, and why that does no harm. */
const mentions: Readonly<Record<string, string>> = {
  "base64-arraybuffer: global": "a parameter that is called so",
};
const globalsOfNode = new Set(["Buffer", "process", "require", "global", "setImmediate", "__dirname", "__filename"]);

test("no module of Node is imported, and nothing is left to be imported but parts of the bundle", async () => {
  const { files, metafile } = await libraryBundle();
  for (const { imports } of Object.values(metafile.outputs))
    for (const { path } of imports) assert.ok(files.has(`/${path}`), path);
  // core/crypto/native-stream.ts asks the runtime, where there is one that can be asked.
  for (const text of files.values())
    assert.not.match(text.replaceAll(/getBuiltinModule\?\.\([^)]*\)/g, ""), /["'`]node:/);
});

test("our own code mentions no global of Node; packages do only where it is known to be harmless", async () => {
  const { text } = await bundle("core/browser.ts");
  const found = [...new Set(freeNames(text).map(({ path, name }) => `${ownerOf(path)}: ${name}`))];
  assert.equal(found.sort(), Object.keys(mentions).sort());
});

test("the entry for tests bundles as well, without a module of Node", async () => {
  const { metafile } = await bundle("core/testing.ts");
  assert.equal(Object.values(metafile.outputs)[0]?.imports, []);
});

test("its size: what is loaded with the page, what comes when a store is opened, and libsodium's wasm in it", async () => {
  const library = await libraryBundle();
  const size = sizeOf(library);
  assert.ok(size.coreGzipBytes <= coreGzipBytesMax, `${size.coreGzipBytes} bytes are loaded with the page`);
  assert.ok(size.laterGzipBytes <= laterGzipBytesMax, `${size.laterGzipBytes} bytes are loaded later`);
  assert.ok(size.wasmGzipBytes > size.laterGzipBytes, "the wasm was found");
  for (const address of library.core) assert.not.match(library.files.get(address) as string, new RegExp(wasmText, ""));
  const bytes = [...library.files.values()].reduce((total, text) => total + Buffer.byteLength(text), 0);
  const parts = Object.values(size.minifiedByPackage).reduce((total, part) => total + part, 0);
  assert.ok(parts > 0.95 * bytes && parts <= bytes, `${parts} of ${bytes}`);
});

test("what compiles our statements is not in it", async () => {
  assert.not.ok("kysely" in sizeOf(await libraryBundle()).minifiedByPackage);
});

const ownerOf = (path: string): string => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;

/** Where these names are used as variables; esbuild says in a comment before each module which it is. */
function freeNames(text: string): { readonly path: string; readonly name: string }[] {
  const modules = [...text.matchAll(/^\/\/ (.+)$/gm)].map(({ index, 1: path = "" }) => ({ index, path }));
  const found: { path: string; name: string }[] = [];
  const descend = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && globalsOfNode.has(node.text) && isVariable(node)) {
      found.push({ path: modules.findLast(({ index }) => index <= node.pos)?.path ?? "", name: node.text });
    }
    ts.forEachChild(node, descend);
  };
  descend(ts.createSourceFile("bundle.js", text, ts.ScriptTarget.ES2022, true));
  return found;
}

function isVariable(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return !(ts.isPropertyAssignment(parent) && parent.name === node) && !ts.isMethodDeclaration(parent);
}

test.run();
