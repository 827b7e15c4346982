/**
 * What users install, before they do: the packed package, unpacked beside the dependencies that it declares and nothing
 * else. So a type of `@types/ws` in our declarations, a file missing from `files`, or a `node:` import behind the
 * browser's entry is found here and not by them. Needs a build: `npm run test:package`.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { browserConsumer, nodeConsumer, smoke } from "./consumers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "package-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly exports: Record<string, unknown>;
}
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const tarball = pack();
const project = install();

const packed = suite("package");

packed("the tarball holds the build and the documents, nothing else", () => {
  const listed = run("tar", ["-tzf", tarball], work).split("\n");
  const paths = listed.filter((path) => path !== "").map((path) => path.replace(/^package\//, ""));
  const strange = paths.filter(
    (path) => !/^(dist\/(core|events|schema)\/.*\.(js|js\.map|d\.ts)|[A-Z_]+(\.md)?|package\.json)$/.test(path),
  );
  assert.equal(strange, []);
  for (const name of ["README.md", "LICENSE", "FOCUSED_FILE_SYNC.md", "package.json"])
    assert.ok(paths.includes(name), name);
});

packed("publint has nothing to say", () => {
  tool("publint", ["run", join(project, "node_modules/focused-file-sync"), "--strict", "--pack", "false"]);
});

packed("are-the-types-wrong accepts every entry", () => {
  tool("attw", [tarball, "--profile", "esm-only", "--no-color"]);
});

packed("every entry imports on Node", () => {
  writeFileSync(join(project, "smoke.mjs"), smoke);
  assert.match(run(process.execPath, ["smoke.mjs"], project), "smoke: ok");
});

packed("a consumer on Node type-checks, libraries included", () => {
  typeCheck("node-consumer", nodeConsumer, { lib: ["es2022"], types: ["node"] });
});

packed("a consumer in a browser type-checks without the types of Node", () => {
  typeCheck("browser-consumer", browserConsumer, {
    lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
    types: [],
  });
});

packed("the browser's entries bundle without a module of Node", () => {
  const entry = `export * from "focused-file-sync"; export * from "focused-file-sync/browser";`;
  writeFileSync(join(project, "bundle.mjs"), entry);
  const args = [
    "bundle.mjs",
    "--bundle",
    "--format=esm",
    "--platform=browser",
    "--outfile=out.js",
    "--log-level=warning",
  ];
  tool("esbuild", args, project);
  assert.not.match(readFileSync(join(project, "out.js"), "utf8"), /\bfrom ?"node:|require\("node:/);
});

function pack(): string {
  if (!existsSync(join(root, "dist"))) throw new Error("no dist/: run `npm run test:package`, which builds first");
  run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", work], root);
  const name = readdirSync(work).find((path) => path.endsWith(".tgz"));
  if (name === undefined) throw new Error("npm pack made no tarball");
  return join(work, name);
}

/** A project that has the package and exactly what the package declares; linked, so nothing is downloaded. */
function install(): string {
  const folder = join(work, "project");
  const modules = join(folder, "node_modules");
  mkdirSync(modules, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", modules], work);
  run("mv", [join(modules, "package"), join(modules, "focused-file-sync")], work);
  for (const name of [...Object.keys(manifest.dependencies), "@types/node", "undici-types"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(folder, "package.json"), `{ "type": "module", "private": true }`);
  return folder;
}

function typeCheck(name: string, text: string, options: { lib: string[]; types: string[] }): void {
  const compilerOptions = {
    ...options,
    target: "es2022",
    module: "nodenext",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(project, `${name}.ts`), text);
  writeFileSync(join(project, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  tool("tsc", ["-p", `${name}.json`], project);
}

function tool(name: string, args: readonly string[], cwd = root): string {
  return run(join(root, "node_modules/.bin", name), args, cwd);
}

/** Its stdout; when it fails, an error with all that it printed. */
function run(command: string, args: readonly string[], cwd: string): string {
  const ran = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: 100_000,
    env: { ...process.env, NO_COLOR: "1" },
  });
  if (ran.status !== 0)
    throw new Error(`${command} ${args.join(" ")}\n${ran.stdout}${ran.stderr}${ran.error?.message ?? ""}`);
  return ran.stdout;
}

packed.run();
