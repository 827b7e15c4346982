/** The documents hang together: links lead somewhere, generated parts are what the code says. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readProject, root } from "../tidy/project.ts";
import { layoutTable } from "./layout-table.ts";
import { table, withSection } from "./markdown.ts";

const test = suite("docs: documents");
const pages = readProject().filter(({ path }) => path.endsWith(".md"));

const withoutCode = (text: string): string => text.replaceAll(/```[\s\S]*?```/g, "").replaceAll(/`[^`\n]*`/g, "");

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

test("links within the repository lead to files and headings that exist", () => {
  const broken: string[] = [];
  for (const { path, text } of pages) {
    for (const [, target = ""] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const linked = file === "" ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(root, linked))) broken.push(`${path}: ${target}`);
      else if (anchor !== undefined && !anchorsOf(readFileSync(join(root, linked), "utf8")).has(anchor))
        broken.push(`${path}: ${target}`);
    }
  }
  assert.equal(broken, []);
});

test("files that the documents name in code exist", () => {
  const missing: string[] = [];
  for (const { path, text } of pages) {
    for (const [, named = ""] of text.matchAll(/`((?:core|events|schema|tests|docs)\/[\w./-]+\.\w+)`/g)) {
      if (!existsSync(join(root, named))) missing.push(`${path}: ${named}`);
    }
  }
  assert.equal(missing, []);
});

test("a section is replaced between its marks and nowhere else; a page without them is told", () => {
  const page = "a\n<!-- generated: x -->\nold\n<!-- end of generated -->\nb\n";
  const once = withSection(page, "x", "new");
  assert.is(once, "a\n<!-- generated: x -->\n\nnew\n\n<!-- end of generated -->\nb\n");
  assert.is(withSection(once, "x", "new"), once);
  assert.throws(() => withSection(page, "y", "new"), /no section/);
});

test("offsets count up while sizes are fixed, and stop where they are not", () => {
  const column = (kind: string) => ({ field: { kind }, remark: "r" });
  const columns = {
    a: column("u8 = 3"),
    b: column("bytes[16]"),
    c: column("u16 count, then u8 each"),
    d: column("u32"),
  };
  const rows = layoutTable({ name: "n", columns }).split("\n").slice(2);
  assert.equal(
    rows.map((row) => row.split("|")[1]?.trim()),
    ["0", "1", "17", "…"],
  );
  assert.is(table(["a|b"], []).split("\n")[0], "| a\\|b |");
});

test.run();
