/** Who may import what. Each check runs over this checkout, and over a bad sample that it must find. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkDeadFiles } from "./checks/dead-files.ts";
import { checkDoors } from "./checks/doors.ts";
import { checkLayers } from "./checks/layers.ts";
import { checkNodeOnly } from "./checks/node-only.ts";
import { assertNone, readProject, sample } from "./project.ts";

const tidy = suite("tidy: imports");
const files = readProject();

tidy("imports point down the layers only", () => assertNone(checkLayers(files)));
tidy("each package is imported at its door only", () => assertNone(checkDoors(files)));
tidy("node: is imported in Node-only files, and no browser entry reaches one", () => assertNone(checkNodeOnly(files)));
tidy("no file is dead", () => assertNone(checkDeadFiles(files)));

tidy("found: an import that points up, also of a type, also a dynamic one", () => {
  const up = (text: string): number => checkLayers(sample({ "core/file/a.ts": text })).length;
  assert.is(up(`import { b } from "../sync/b.ts";`), 1);
  assert.is(up(`import type { B } from "../sync/b.ts";`), 1);
  assert.is(up(`export * from "../sync/b.ts";`), 1);
  assert.is(up(`const b = import("../sync/b.ts");`), 1);
  assert.is(up(`let b: import("../sync/b.ts").B;`), 1);
  assert.is(up(`import { b } from "../index.ts";`), 1);
  assert.is(
    up(`import { b } from "./b.ts"; import { c } from "../base/c.ts"; import { d } from "../../events/d.ts";`),
    0,
  );
});

tidy("found: two folders of one layer that import each other; one way is fine", () => {
  const there = { "core/codec/a.ts": `import "../crypto/b.ts";` };
  assert.is(checkLayers(sample(there)).length, 0);
  assert.is(checkLayers(sample({ ...there, "core/crypto/b.ts": `import "../codec/c.ts";` })).length, 2);
});

tidy("found: a file in no layer, an import out of the library, an import without extension", () => {
  assert.is(checkLayers(sample({ "core/misc/a.ts": "" })).length, 1);
  assert.is(checkLayers(sample({ "core/file/a.ts": `import "../../tests/run.ts";` })).length, 1);
  assert.is(checkLayers(sample({ "core/file/a.ts": `import "./b.js";` })).length, 1);
});

tidy("found: a package beside its door, a package without one", () => {
  assert.is(checkDoors(sample({ "core/sync/a.ts": `import sodium from "libsodium-wrappers";` })).length, 1);
  assert.is(checkDoors(sample({ "core/sync/a.ts": `import { Migrator } from "kysely/migration";` })).length, 1);
  assert.is(checkDoors(sample({ "core/sync/a.ts": `import pad from "left-pad";` })).length, 1);
  assert.is(checkDoors(sample({ "core/crypto/sodium.ts": `import sodium from "libsodium-wrappers";` })).length, 0);
  assert.is(checkDoors(sample({ "tests/twin.ts": `import sodium from "libsodium-wrappers";` })).length, 0);
});

tidy("found: node: in a file for browsers, a Node-only file behind a browser entry", () => {
  assert.is(checkNodeOnly(sample({ "core/storage/disk.ts": `import fs from "node:fs";` })).length, 1);
  const node = { "core/storage/node.ts": `import fs from "node:fs";` };
  assert.is(checkNodeOnly(sample(node)).length, 0);
  const between = {
    "core/index.ts": `export * from "./api/a.ts";`,
    "core/api/a.ts": `export * from "../storage/node.ts";`,
  };
  assert.is(checkNodeOnly(sample({ ...node, ...between })).length, 1);
});

tidy("found: a dead file, a script that names no file", () => {
  const manifest = `{ "exports": { ".": "./dist/core/index.js" }, "scripts": { "demo": "tsx core/cli/demo.ts" } }`;
  const live = {
    "package.json": manifest,
    "core/index.ts": `import "./base/a.ts";`,
    "core/base/a.ts": "",
    "core/cli/demo.ts": `const child = new URL("./child.ts", import.meta.url);`,
    "core/cli/child.ts": "",
  };
  assert.is(checkDeadFiles(sample(live)).length, 0);
  assert.is(checkDeadFiles(sample({ ...live, "core/base/b.ts": "" })).length, 1);
  assert.is(checkDeadFiles(sample({ ...live, "core/cli/demo.ts": "" })).length, 1);
  assert.is(checkDeadFiles(sample({ ...live, "package.json": manifest.replace("demo.ts", "demos.ts") })).length, 3);
});

tidy.run();
