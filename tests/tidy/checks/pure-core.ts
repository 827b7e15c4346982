/**
 * No hands in the core: layers 1 to 7 read no clock, draw no randomness, set no timer and wait for nothing. That is what
 * makes a simulated run exact and a failing seed repeatable.
 */
import ts from "typescript";
import { eachNode, isSource, lineOf, type Finding, type TextFile } from "../project.ts";
import { layerOf, pureLayerMax } from "./layers.ts";

interface Exception {
  readonly path: string;
  readonly uses: readonly string[];
  readonly reason: string;
}

const exceptions: readonly Exception[] = [
  {
    path: "core/base/random.ts",
    uses: ["getRandomValues"],
    reason: "systemRandom is what the host hands in; it sits beside its seeded twin",
  },
  {
    path: "core/crypto/sodium.ts",
    uses: ["await", "async"],
    reason: "cryptoReady: WebAssembly compiles once, before any engine exists",
  },
];

const timers = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"];
const members = ["Date.now", "Math.random", "performance.now", "crypto.randomUUID"];

export function checkPureCore(files: readonly TextFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isSource)) {
    if ((layerOf(file.path)?.number ?? 0) > pureLayerMax) continue;
    const allowed = exceptions.find(({ path }) => path === file.path)?.uses ?? [];
    eachNode(file, (node) => {
      const use = impureUse(node);
      if (use === undefined || allowed.includes(use)) return;
      const mend = `uses ${use} in the pure core: take time, randomness and results as arguments (Clock, Random, handle*), or move it to core/host`;
      findings.push({ path: file.path, line: lineOf(node), mend });
    });
  }
  return findings;
}

function impureUse(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AwaitKeyword) return "await";
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return "async";
  if (ts.isPropertyAccessExpression(node)) {
    if (node.name.text === "getRandomValues") return "getRandomValues";
    const owner = node.expression;
    const ownerName = ts.isIdentifier(owner) ? owner.text : ts.isPropertyAccessExpression(owner) ? owner.name.text : "";
    return members.find((member) => member === `${ownerName}.${node.name.text}`);
  }
  if (ts.isIdentifier(node) && timers.includes(node.text)) return node.text;
  const bareDate =
    ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0 && node.expression.getText() === "Date";
  return bareDate ? "new Date()" : undefined;
}
