/**
 * Imports point down only. Two folders may share a layer; within it they may not form a cycle, or they were one folder.
 */
import type { Finding, TextFile } from "../project.ts";
import { isSource } from "../project.ts";
import { importsOf, type Import } from "./imports.ts";

interface Layer {
  readonly number: number;
  /** Paths with the same unit import each other freely. */
  readonly unit: string;
}

/** First match wins. */
const layers: readonly (readonly [path: RegExp, layer: Layer])[] = [
  [/^core\/(limits|errors)\.ts$|^core\/base\//, { number: 1, unit: "core/base" }],
  [/^core\/codec\//, { number: 2, unit: "core/codec" }],
  [/^core\/crypto\//, { number: 2, unit: "core/crypto" }],
  [/^schema\//, { number: 3, unit: "schema" }],
  [/^events\//, { number: 4, unit: "events" }],
  [/^core\/file\//, { number: 5, unit: "core/file" }],
  [/^core\/log\//, { number: 6, unit: "core/log" }],
  [/^core\/sync\//, { number: 7, unit: "core/sync" }],
  [/^core\/channel\//, { number: 7, unit: "core/channel" }],
  [/^core\/storage\//, { number: 8, unit: "core/storage" }],
  [/^core\/transport\//, { number: 8, unit: "core/transport" }],
  [/^core\/host\//, { number: 9, unit: "core/host" }],
  [/^core\/api\/|^core\/(index|node|browser|testing)\.ts$/, { number: 10, unit: "core/api" }],
  [/^core\/(cli|server)\//, { number: 11, unit: "core/cli" }],
];

/** The layers that hold no hands: what they are given comes as arguments, what they want waits to be polled. */
export const pureLayerMax = 7;

export const layerOf = (path: string): Layer | undefined => layers.find(([pattern]) => pattern.test(path))?.[1];

export function checkLayers(files: readonly TextFile[]): Finding[] {
  const findings: Finding[] = [];
  const sideways: Import[] = [];
  for (const file of files.filter(isSource)) {
    const own = layerOf(file.path);
    if (own === undefined) {
      const mend =
        "belongs to no layer: move it to a folder of design section 5, or give its folder a row in tests/tidy/checks/layers.ts";
      findings.push({ path: file.path, line: 1, mend });
      continue;
    }
    for (const one of importsOf(file)) {
      if (one.target === undefined) continue;
      const finding = (mend: string): number => findings.push({ path: file.path, line: one.line, mend });
      if (!one.target.endsWith(".ts")) finding(`imports "${one.specifier}": write the .ts extension`);
      const other = layerOf(one.target);
      if (other === undefined)
        finding(`imports ${one.target}, which is in no layer: the library imports only core, events and schema`);
      else if (other.number > own.number) {
        finding(
          `layer ${own.number} imports ${one.target} of layer ${other.number}: take it as an argument, or move what is needed down`,
        );
      } else if (other.number === own.number && other.unit !== own.unit) sideways.push(one);
    }
  }
  return [...findings, ...findCycles(sideways)];
}

/** Two folders of one layer: whoever is imported must not import back. */
function findCycles(sideways: readonly Import[]): Finding[] {
  const unit = (path: string | undefined): string => (path === undefined ? "" : (layerOf(path)?.unit ?? ""));
  return sideways
    .filter((one) =>
      sideways.some((back) => unit(back.from) === unit(one.target) && unit(back.target) === unit(one.from)),
    )
    .map((one) => ({
      path: one.from,
      line: one.line,
      mend: `${unit(one.from)} and ${unit(one.target)} import each other: move what both need into a layer below`,
    }));
}
