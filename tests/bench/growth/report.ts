/** What the growth benchmark prints: each line with its costs, and whether it is straight. */
import { judge } from "./fit.ts";
import { linesIn, type MeasuredLine, type Section } from "./results.ts";
import { stepName } from "./steps.ts";

export function report(section: Section): string {
  const measured = linesIn(section);
  const bent = measured.filter(({ line, points }) => !judge(line, points).isStraight);
  const summary =
    bent.length === 0
      ? `${section.section}: every line that has points enough is straight`
      : `${section.section}: not straight: ${bent.map(({ line }) => line.name).join(", ")}`;
  return [`${section.section}, measured in ${section.seconds} s`, ...measured.map(lineText), summary].join("\n");
}

function lineText({ line, points }: MeasuredLine): string {
  const { isStraight, text } = judge(line, points);
  const costs = points.map(({ n, cost }) => `${stepName(line.section, n)} ${cost.toPrecision(3)}`).join("  ");
  return `  ${isStraight ? "        " : "BENT    "}${line.name} (${line.unit}): ${text}\n            ${costs}`;
}
