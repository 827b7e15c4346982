/** Which file imports what: the common ground of the checks on layers, doors, Node-only files and dead files. */
import { posix } from "node:path";
import ts from "typescript";
import { eachNode, lineOf, type TextFile } from "../project.ts";

export interface Import {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  /** The path from the root when the specifier is relative; undefined for packages and `node:`. */
  readonly target: string | undefined;
}

/** Static, dynamic, type-only and re-exports alike: a type that points up ties the layers together as well. */
export function importsOf(file: TextFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const relative = specifier.text.startsWith(".");
    found.push({
      from: file.path,
      line: lineOf(node),
      specifier: specifier.text,
      target: relative ? posix.join(posix.dirname(file.path), specifier.text) : undefined,
    });
  };
  eachNode(file, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node, node.moduleSpecifier);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0]);
  });
  return found;
}

/** Paths of `.ts` files that the text names other than by import: a worker, a child process, an entry of a bundle. */
export function filesNamedIn(file: TextFile): string[] {
  const found: string[] = [];
  eachNode(file, (node) => {
    if (!ts.isStringLiteralLike(node) || !node.text.endsWith(".ts")) return;
    found.push(posix.join(posix.dirname(file.path), node.text), posix.normalize(node.text));
  });
  return found;
}

/** The package of a bare specifier: `kysely` of `kysely/migration`, `@scope/name` of `@scope/name/part`. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** The files that these load, themselves included, as far as they exist. */
export function reachableFrom(
  starts: readonly string[],
  files: readonly TextFile[],
  alsoNamed: (file: TextFile) => readonly string[] = () => [],
): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const waiting = [...starts];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    waiting.push(...importsOf(file).flatMap(({ target }) => target ?? []), ...alsoNamed(file));
  }
  return reached;
}
