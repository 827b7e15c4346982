/** A name for a file that is written: whatever its author called it, it stays in its folder and shows what it is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { safeFileName } from "../../core/index.ts";

const test = suite("api: safe file name");

const table: readonly (readonly [name: string, safe: string])[] = [
  ["holiday.jpg", "holiday.jpg"],
  ["Zeugnis März 2026 (2).pdf", "Zeugnis März 2026 (2).pdf"],
  ["照片.png", "照片.png"],
  ["👩‍👩‍👧.webp", "👩‍👩‍👧.webp"],
  ["", "attachment"],
  [".", "attachment"],
  ["..", "attachment"],
  ["...", "attachment"],
  ["/", "attachment"],
  ["\\", "attachment"],
  [" \t ", "attachment"],
  ["\0", "attachment"],
  ["../../etc/passwd", "passwd"],
  ["..\\..\\windows\\system32\\cmd.exe", "cmd.exe"],
  ["/etc/cron.d/", "cron.d"],
  ["a/..", "attachment"],
  ["C:\\x\\y.txt", "y.txt"],
  ["C:evil.txt", "Cevil.txt"],
  [".bashrc", "bashrc"],
  [".. .. x", "x"],
  ["a\0.jpg", "a.jpg"],
  ["a\r\nb.txt", "ab.txt"],
  ["\x1b[2Jcleared", "[2Jcleared"],
  ["\u009b31mred", "31mred"],
  ["invoice\u202egpj.exe", "invoicegpj.exe"],
  ["a\u2066b\u2069c\u061cd\u200ee\u200ff", "abcdef"],
  ["a\u2028b\u2029c", "abc"],
  ["half \ud83d.txt", "half .txt"],
  ['<>:"|?*.txt', "txt"],
  ["file.txt:hidden", "file.txthidden"],
  ["name. . .", "name"],
  ["con", "_con"],
  ["CON.txt", "_CON.txt"],
  ["aux.tar.gz", "_aux.tar.gz"],
  ["com1", "_com1"],
  ["COM¹.log", "_COM¹.log"],
  ["conin$", "_conin$"],
  ["c\u202eon", "_con"],
  ["console.log", "console.log"],
  ["com", "com"],
  ["__proto__", "__proto__"],
  ["-rf", "-rf"],
];

for (const [name, safe] of table) {
  test(`${JSON.stringify(name)} becomes ${JSON.stringify(safe)}`, () => assert.is(safeFileName(name), safe));
}

test("a long name is cut between characters, and its extension survives", () => {
  const long = safeFileName(`${"🏔️".repeat(80)}.jpeg`);
  assert.ok(Buffer.byteLength(long) <= 200, `${Buffer.byteLength(long)} bytes`);
  assert.ok(long.endsWith(".jpeg"));
  assert.not.match(long, /\ufffd/);
  assert.is(safeFileName(`${"x".repeat(199)}. more`), "x".repeat(199));
  assert.is(safeFileName("x".repeat(300)), "x".repeat(200));
  assert.is(safeFileName(`.${"y".repeat(300)}`), "y".repeat(200));
});

test("a fallback of the app's own is taken when nothing is left", () => {
  assert.is(safeFileName("..", "file-7"), "file-7");
});

test("whatever comes in: no separator, nothing hidden, no device, at most 200 bytes and one more, and stable", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.stringMatching(/^[./\\ :a-z\0\u202e]{0,20}$/),
  );
  fc.assert(
    fc.property(anything, (name) => {
      const safe = safeFileName(name);
      assert.not.match(safe, /[/\\\0-\x1f]/);
      assert.not.match(safe, /^[.\s]|[.\s]$/);
      assert.ok(safe.length > 0 && Buffer.byteLength(safe) <= 201);
      assert.is(safeFileName(safe), safe);
    }),
    { numRuns: 2000 },
  );
});

test.run();
