/** One door per dependency: each package is imported in the file that owns it, and nowhere else in the library. */
import { isSource, type Finding, type TextFile } from "../project.ts";
import { importsOf, packageOf } from "./imports.ts";

const doors: ReadonlyMap<string, RegExp> = new Map([
  ["libsodium-wrappers", /^core\/crypto\/sodium\.ts$/],
  ["bloom-filters", /^core\/sync\/bloom\.ts$/],
  ["sql.js", /^core\/storage\/sql-js\.ts$/],
  ["kysely", /^schema\/builder\.ts$/],
  ["immer", /^core\/file\/progress\.ts$|^core\/host\/snapshots\.ts$/],
  ["ws", /^core\/transport\/[^/]*node[^/]*\.ts$/],
]);

export function checkDoors(files: readonly TextFile[]): Finding[] {
  return files.filter(isSource).flatMap((file) =>
    importsOf(file).flatMap(({ target, specifier, line }) => {
      if (target !== undefined || specifier.startsWith("node:")) return [];
      const door = doors.get(packageOf(specifier));
      if (door?.test(file.path) === true) return [];
      const mend =
        door === undefined
          ? `imports ${specifier}, which has no door: add one to tests/tidy/checks/doors.ts, or do without the package`
          : `imports ${specifier}, whose door is ${door.source}: use what that file exports`;
      return [{ path: file.path, line, mend }];
    }),
  );
}
