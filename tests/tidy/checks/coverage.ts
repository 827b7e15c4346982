/** That what is promised is tested: every event type has a vector, every guarantee a test, every suite its `run()`. */
import { basename } from "node:path";
import ts from "typescript";
import { eachNode, isTest, lineOf, type Finding, type TextFile } from "../project.ts";

const specification = "FOCUSED_FILE_SYNC.md";

/** An event type is a file of events/ that exports `<name>Type`; its vectors are in a file of that name under tests/vectors. */
export function checkVectors(files: readonly TextFile[]): Finding[] {
  const vectors = files
    .filter(({ path }) => path.startsWith("tests/vectors/"))
    .map(({ path }) => basename(path).replace(/\..*$/, ""));
  const types = files.filter(
    ({ path, text }) => /^events\/[\w-]+\.ts$/.test(path) && /export const \w+Type\b/.test(text),
  );
  const none = {
    path: "events",
    line: 1,
    mend: "no event type found: tests/tidy/checks/coverage.ts looks for `export const …Type`",
  };
  if (types.length === 0) return [none];
  return types
    .filter(({ path }) => !vectors.includes(basename(path, ".ts")))
    .map(({ path }) => ({
      path,
      line: 1,
      mend: `has no golden bytes: write tests/vectors/${basename(path, ".ts")}.json`,
    }));
}

/** Each G-n of the specification is named in a title of a test or in a test's file name, and each G-n named there exists. */
export function checkGuarantees(files: readonly TextFile[]): Finding[] {
  const text = files.find(({ path }) => path === specification)?.text;
  if (text === undefined)
    return [{ path: specification, line: 1, mend: "is missing: the guarantees are defined there" }];
  const defined = new Set(text.match(/\bG-\d+\b/g) ?? []);
  const cited = new Map<string, { path: string; line: number }>();
  for (const file of files) {
    if (!file.path.endsWith(".test.ts") || file.path.startsWith("tests/tidy/")) continue;
    for (const name of basename(file.path)
      .toUpperCase()
      .match(/\bG-\d+\b/g) ?? [])
      cited.set(name, { path: file.path, line: 1 });
    eachNode(file, (node) => {
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
      if (!isText) return;
      for (const name of node.text.match(/\bG-\d+\b/g) ?? []) cited.set(name, { path: file.path, line: lineOf(node) });
    });
  }
  const none = defined.size === 0 ? [{ path: specification, line: 1, mend: "defines no guarantee G-n" }] : [];
  const unproved = [...defined]
    .filter((name) => !cited.has(name))
    .map((name) => ({
      path: specification,
      line: 1,
      mend: `promises ${name}, but no test has it in its title: write the test or take back the promise`,
    }));
  const unknown = [...cited]
    .filter(([name]) => !defined.has(name))
    .map(([name, where]) => ({ ...where, mend: `cites ${name}, which ${specification} does not define` }));
  return [...none, ...unproved, ...unknown];
}

/** A uvu suite that nobody runs is silently empty. */
export function checkSuites(files: readonly TextFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (!isTest(file) || !file.path.endsWith(".test.ts")) continue;
    if (!/\b\w+\.run\(\);?\s*$/.test(file.text)) {
      findings.push({
        path: file.path,
        line: file.text.split("\n").length,
        mend: "does not end in `<suite>.run()`: without it nothing runs",
      });
    }
    eachNode(file, (node) => {
      if (ts.isVariableDeclaration(node) && node.initializer !== undefined && isSuiteCall(node.initializer)) {
        const name = node.name.getText();
        if (!new RegExp(`\\b${name}\\.run\\(\\)`).test(file.text)) {
          findings.push({
            path: file.path,
            line: lineOf(node),
            mend: `never calls ${name}.run(): the suite is silently empty`,
          });
        }
      }
      const mark =
        ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
      if (mark === "only")
        findings.push({ path: file.path, line: lineOf(node), mend: "`.only` hides every other test: take it out" });
      if (mark === "skip" && !isInsideCondition(node)) {
        findings.push({
          path: file.path,
          line: lineOf(node),
          mend: "a test that is always skipped is none: mend it or remove it",
        });
      }
    });
  }
  return findings;
}

function isSuiteCall(node: ts.Node): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "suite";
}

/** Skipping where something is absent (say, a folder of foreign vectors) is fine: the runner counts it. */
function isInsideCondition(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isIfStatement(at) || ts.isConditionalExpression(at)) return true;
  }
  return false;
}
