/** The drawings of lines: axes, labels, and that the same results give the same well-formed drawing. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lines } from "../growth/lines.ts";
import type { Section } from "../growth/results.ts";
import { stepName, steps } from "../growth/steps.ts";
import { renderChart } from "./chart.ts";
import { chartsOf } from "./charts.ts";
import { bytesText, countText, secondsText } from "./quantities.ts";
import { logScale, niceRange, spreadLabels } from "./scale.ts";
import { escapeText, wrapped } from "./svg.ts";
import { xmlProblem } from "./well-formed.ts";

const plot = suite("bench: plot");

const sections: Section[] = (["size", "attachments", "wants"] as const).map((section) => ({
  section,
  machine: ['one <machine> & its "versions"'],
  command: "npm run bench:growth",
  seconds: 1,
  figures: lines
    .filter((line) => line.section === section)
    .flatMap(({ name, unit }, i) =>
      steps[section].map(({ n }) => {
        const median = (i + 1) * (1 + n / 1000);
        const figure = `${name}/${stepName(section, n)}`;
        return { figure, unit, median, min: median / 2, max: median * 1.5, runs: 3 };
      }),
    ),
}));

plot("a logarithmic axis has powers of ten, and finer ticks where it is short", () => {
  const wide = logScale(1e3, 2e9, "decades");
  assert.equal(wide.ticks, [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);
  assert.is(wide.at(1e3), 0);
  assert.is(wide.at(2e9), 1);
  assert.equal(logScale(50, 500).ticks, [50, 100, 200, 500]);
});

plot("a range is rounded outwards and never so narrow that a level line looks steep", () => {
  assert.equal(niceRange([0.0031, 7], 10), [0.002, 10]);
  const [from, to] = niceRange([110, 140], 10);
  assert.ok(from <= 110 && to >= 140 && to / from >= 10, `${from} to ${to}`);
});

plot("labels do not lie on each other, stay in order and between the bounds", () => {
  for (const wanted of [[50, 51, 52, 53], [0, 0, 0, 100, 100, 100], [90, 10, 92, 12, 100], [5]]) {
    const placed = spreadLabels(wanted, 10, 0, 100);
    const sorted = [...placed].sort((a, b) => a - b);
    assert.ok(sorted.every((y, i) => y >= 0 && y <= 100 && (i === 0 || y - (sorted[i - 1] ?? 0) >= 9.999)));
    for (let i = 1; i < wanted.length; i++)
      if ((wanted[i] ?? 0) > (wanted[i - 1] ?? 0)) assert.ok((placed[i] ?? 0) > (placed[i - 1] ?? 0));
  }
  assert.equal(spreadLabels([20, 60], 10, 0, 100), [20, 60]);
});

plot("quantities are short and carry the unit that one says", () => {
  assert.equal([1e3, 1e5, 5e8, 2e9].map(bytesText), ["1 KB", "100 KB", "500 MB", "2 GB"]);
  assert.equal([0.00042, 0.0012, 0.99999, 1, 12.34].map(secondsText), ["420 µs", "1.2 ms", "1 s", "1 s", "12 s"]);
  assert.equal([1, 1000, 100_000].map(countText), ["1", "1,000", "100,000"]);
});

plot("text is wrapped at spaces and escaped", () => {
  assert.equal(wrapped("aa bb cc dd", 5), ["aa bb", "cc dd"]);
  assert.is(escapeText(`<a & "b">`), "&lt;a &amp; &quot;b&quot;&gt;");
});

plot("nine drawings, each well-formed, and the same again from the same results", () => {
  const charts = chartsOf(sections);
  assert.is(charts.size, 9);
  for (const [name, chart] of charts) {
    const drawn = renderChart(chart);
    assert.is(xmlProblem(drawn), undefined, name);
    assert.is(renderChart(chart), drawn);
    for (const { label } of chart.lines) assert.ok(drawn.includes(escapeText(label)), `${name}: ${label}`);
    assert.not.match(drawn, /NaN|Infinity|undefined/);
  }
});

plot("what is not well-formed is found", () => {
  assert.is(xmlProblem(`<a b="c"><d/>e &amp; f</a>\n`), undefined);
  for (const bad of ["<a>", "<a></b>", "<a>&</a>", `<a b="1" b="2"/>`, "<a/><b/>", "<a b=c/>", "x<a/>", "<a>1 > 2</a>"])
    assert.ok(xmlProblem(bad) !== undefined, bad);
});

plot("the drawings in the documents are well-formed and name no machine's folders", () => {
  const folder = fileURLToPath(new URL("../../../docs/images", import.meta.url));
  const names = readdirSync(folder).filter((name) => /^(growth|flame)-.*\.svg$/.test(name));
  assert.ok(names.length > 0);
  for (const name of names) {
    const text = readFileSync(join(folder, name), "utf8");
    assert.is(xmlProblem(text), undefined, name);
    assert.not.match(text, /file:\/\/|node_modules/, name);
  }
});

plot.run();
