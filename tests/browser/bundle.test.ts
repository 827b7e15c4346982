/**
 * The bundle that an app for browsers gets: nothing of Node in it. Some packages mention a global of Node where we never
 * come; each such place is listed here, and that it is never entered is shown in page.test.ts.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import ts from "typescript";
import { bundle, libraryBundle, sizeOf } from "./build.ts";

const test = suite("browser: bundle");

/** Global of Node, by the package that mentions it, and why that does no harm. */
const mentions: Readonly<Record<string, string>> = {
  "xxhashjs: Buffer": "in the hash that core/sync/bloom.ts puts its own in the place of",
  "bloom-filters: Buffer": "in xorBuffer, which Bloom filters do not use",
  "reflect-metadata: process": "behind `typeof process`",
  "reflect-metadata: global": "behind `typeof global`",
};
const globalsOfNode = new Set(["Buffer", "process", "require", "global", "setImmediate", "__dirname", "__filename"]);

test("no module of Node is imported, and nothing is left to be imported", async () => {
  const { text, metafile } = await libraryBundle();
  const [output] = Object.values(metafile.outputs);
  assert.equal(output?.imports, []);
  assert.not.match(text, /["'`]node:/);
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

test("its size is what it is made of, and without the wasm it is less", async () => {
  const size = sizeOf(await libraryBundle());
  const parts = Object.values(size.minifiedByPackage).reduce((total, bytes) => total + bytes, 0);
  assert.ok(parts > 0.95 * size.minifiedBytes && parts <= size.minifiedBytes, `${parts} of ${size.minifiedBytes}`);
  assert.ok(size.gzipWithoutWasmBytes < 0.6 * size.gzipBytes, "the wasm was found");
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
