/** Every file of the library is reached from an entry of the package, from a script or from a test. */
import { isSource, isTest, type Finding, type TextFile } from "../project.ts";
import { filesNamedIn, reachableFrom } from "./imports.ts";

export function checkDeadFiles(files: readonly TextFile[]): Finding[] {
  const manifest = files.find(({ path }) => path === "package.json")?.text ?? "{}";
  const { exports = {}, scripts = {} } = JSON.parse(manifest) as { exports?: unknown; scripts?: unknown };
  const entries = [...JSON.stringify(exports).matchAll(/"\.\/dist\/([\w/-]+)\.js"/g)].map((match) => `${match[1]}.ts`);
  const run = [...JSON.stringify(scripts).matchAll(/[\w/-]+\.ts\b/g)].map((match) => match[0]);
  const code = files.filter((file) => file.path.endsWith(".ts"));
  const tests = code.filter(isTest).map(({ path }) => path);
  const reached = reachableFrom([...entries, ...run, ...tests], code, filesNamedIn);
  const mend = "is dead: no entry of the package, no script and no test reaches it; use it or remove it";
  const dead = code
    .filter((file) => isSource(file) && !reached.has(file.path))
    .map(({ path }) => ({ path, line: 1, mend }));
  const missing = [...new Set([...entries, ...run])]
    .filter((path) => !code.some((file) => file.path === path))
    .map((path) => ({
      path: "package.json",
      line: 1,
      mend: `names ${path}, which does not exist: write it or take it out`,
    }));
  return [...dead, ...missing];
}
