/**
 * The type-aware linter. Few rules, each for a mistake that the compiler lets through and that costs us a bug: a promise
 * that nobody waits for, a switch that forgets a case, an `any` that switches the types off. Taste is the formatter's;
 * house rules are in tests/tidy. Why this linter: docs/decisions/0002-tooling.md.
 */
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";

const root = fileURLToPath(new URL("..", import.meta.url));

export default tseslint.config({
  files: ["core/**/*.ts", "events/**/*.ts", "schema/**/*.ts", "tests/**/*.ts"],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { project: ["./tsconfig.json"], tsconfigRootDir: root },
  },
  linterOptions: { reportUnusedDisableDirectives: "error" },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: {
    // Promises: each is awaited, returned, or marked `void` by someone who thought about it.
    "@typescript-eslint/no-floating-promises": "error",
    "@typescript-eslint/no-misused-promises": "error",
    "@typescript-eslint/await-thenable": "error",
    "@typescript-eslint/only-throw-error": "error",
    "@typescript-eslint/prefer-promise-reject-errors": "error",
    "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],

    // Tables and unions: every case is named.
    "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "@typescript-eslint/no-unnecessary-type-assertion": "error",
    "@typescript-eslint/no-base-to-string": "error",
    "@typescript-eslint/restrict-plus-operands": "error",
    "@typescript-eslint/no-array-delete": "error",
    "@typescript-eslint/no-for-in-array": "error",
    "@typescript-eslint/no-implied-eval": "error",
    "@typescript-eslint/require-array-sort-compare": ["error", { ignoreStringArrays: true }],

    // What switches the types off says so at the place where it does.
    "@typescript-eslint/no-unsafe-return": "error",
    "@typescript-eslint/no-unsafe-argument": "error",
    "@typescript-eslint/no-unsafe-assignment": "error",
    "@typescript-eslint/no-unsafe-call": "error",
    "@typescript-eslint/no-unsafe-member-access": "error",
    "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],

    // Plain mistakes.
    eqeqeq: "error",
    "no-var": "error",
    "prefer-const": "error",
    "no-self-compare": "error",
    "no-fallthrough": "error",
    "no-unsafe-finally": "error",
    "no-loss-of-precision": "error",
    "no-constant-binary-expression": "error",
    "no-debugger": "error",
    "no-eval": "error",
  },
});
