/** Functions fit on a screen, files on a few. */
import ts from "typescript";
import { eachNode, isSource, isTest, lineOf, type Finding, type TextFile } from "../project.ts";

const functionLinesMax = 70;
const fileLinesMax = 500;
const explainFromLines = 300;
const explanation = "Why so long:";

export function checkSizes(files: readonly TextFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (!isSource(file) && !isTest(file)) continue;
    const lines = file.text.split("\n").length - 1;
    if (lines > fileLinesMax) {
      findings.push({
        path: file.path,
        line: 1,
        mend: `has ${lines} lines, at most ${fileLinesMax} are allowed: split it by ideas`,
      });
    } else if (lines > explainFromLines && !headerOf(file).includes(explanation)) {
      findings.push({
        path: file.path,
        line: 1,
        mend: `has ${lines} lines: split it, or say "${explanation} …" in its header comment`,
      });
    }
    eachNode(file, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
      // A suite is a function full of functions; in tests only a function's own lines count.
      const count = linesOf(node) - (isTest(file) ? nestedLines(node) : 0);
      if (count <= functionLinesMax) return;
      const mend = `this function has ${count} lines, at most ${functionLinesMax} are allowed: give its parts names of their own`;
      findings.push({ path: file.path, line: lineOf(node), mend });
    });
  }
  return findings;
}

function headerOf(file: TextFile): string {
  const ranges = ts.getLeadingCommentRanges(file.text, 0) ?? [];
  return ranges.map(({ pos, end }) => file.text.slice(pos, end)).join("\n");
}

function linesOf(node: ts.Node): number {
  const tree = node.getSourceFile();
  const line = (position: number): number => tree.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart()) + 1;
}

function nestedLines(outer: ts.Node): number {
  let lines = 0;
  const descend = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) lines += linesOf(node) - 1;
    else ts.forEachChild(node, descend);
  };
  ts.forEachChild(outer, descend);
  return lines;
}
