/**
 * The examples of the documents as modules that can be type-checked and run. A block of `ts` is one example; a comment
 * before it names what it begins with (`<!-- run: pair -->`, see preamble.ts). A line `console.log(x); // → y` claims that x is y.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { root } from "../tidy/project.ts";

export interface Example {
  /** Document and line of the block. */
  readonly title: string;
  /** Where its module was written. */
  readonly path: string;
}

const block = /(?:<!-- run: (\w+) -->\n)?```ts\n([\s\S]*?)```/g;
const specifiers: Readonly<Record<string, string>> = {
  "focused-file-sync": "core/index.ts",
  "focused-file-sync/node": "core/node.ts",
  "focused-file-sync/browser": "core/browser.ts",
  "focused-file-sync/testing": "core/testing.ts",
  react: "tests/docs/react-stub.ts",
};

const given: Readonly<Record<string, string>> = {
  pair: "const { sync, anna, fileId, messageId, bytes, group, identity } = await preamble.pair();",
  page: "const { group } = await preamble.page();",
};

/** Writes the examples of a document into `folder`. */
export function writeExamples(document: string, folder: string): Example[] {
  const text = readFileSync(join(root, document), "utf8");
  mkdirSync(folder, { recursive: true });
  return [...text.matchAll(block)].map((match, number) => {
    const line = text.slice(0, match.index).split("\n").length;
    const [, begins, body] = match;
    if (begins !== undefined && given[begins] === undefined)
      throw new Error(`${document}:${line} begins with an unknown "${begins}"`);
    const path = join(folder, `${document.replaceAll(/\W/g, "-")}-${number}.mts`);
    writeFileSync(path, moduleText(begins, body as string));
    return { title: `${document}:${line}`, path };
  });
}

/** Imports may stand anywhere in a module, so what is given comes before the block's own. */
export function moduleText(begins: string | undefined, body: string): string {
  const checked = body.replaceAll(/^(\s*)console\.log\((.*)\); \/\/ → (.+)$/gm, "$1__same($2, $3);");
  const located = checked.replaceAll(/(from|import) "([^"]+)"/g, (whole, word: string, specifier: string) => {
    const path = specifiers[specifier];
    return path === undefined ? whole : `${word} ${JSON.stringify(pathOf(path))}`;
  });
  return [
    `import * as preamble from ${JSON.stringify(pathOf("tests/docs/preamble.ts"))};`,
    `import { equal as __same } from ${JSON.stringify(pathOf("tests/docs/same.ts"))};`,
    begins === undefined ? "" : given[begins],
    located,
    "export {};",
  ].join("\n");
}

const pathOf = (path: string): string => join(root, path);

/** What the compiler says of the modules, with our own options but for unused names. */
export function compileProblems(paths: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(paths, {
    ...options,
    noUnusedLocals: false,
    // The modules import the sources by whole paths, which are not rewritten.
    rewriteRelativeImportExtensions: false,
    skipLibCheck: true,
    typeRoots: [join(root, "node_modules/@types")],
  });
  return paths.flatMap((path) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  });
}

export async function runExample({ path }: Example): Promise<void> {
  await import(pathToFileURL(path).href);
}
