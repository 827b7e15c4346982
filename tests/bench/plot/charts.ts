/** The nine drawings of how cost grows: time, CPU and memory against size, attachments and wants. */
import { linesIn, type MeasuredLine, type Section } from "../growth/results.ts";
import type { Aspect, SectionName } from "../growth/lines.ts";
import type { Chart } from "./chart.ts";
import { bytesText, countText, secondsText } from "./quantities.ts";

interface Heading {
  readonly title: string;
  readonly subtitle: string;
}

const headings: Readonly<Record<SectionName, Readonly<Record<Aspect, Heading>>>> = {
  size: {
    time: {
      title: "Time against file size",
      subtitle: "A file twice as long takes twice as long, once it outweighs the fixed cost of a small one.",
    },
    cpu: {
      title: "CPU time against file size",
      subtitle: "Of all threads of either process; in proportion to the bytes.",
    },
    memory: {
      title: "Peak memory against file size",
      subtitle: "Of the whole process, Node and WebAssembly included; what is in flight is capped, so it stays level.",
    },
  },
  attachments: {
    time: {
      title: "Time against attachments in the store",
      subtitle: "What looks at all of them is in proportion; what concerns one more should be level.",
    },
    cpu: {
      title: "CPU time against attachments in the store",
      subtitle: "Opening, bringing the log to a new peer, and doing nothing for a second.",
    },
    memory: {
      title: "Memory against attachments in the store",
      subtitle: "Of the whole process; the tables and the index of the log are in memory.",
    },
  },
  wants: {
    time: {
      title: "Time against wants that are active at once",
      subtitle: "Small files of 2 KB. For each file or call, so all of it should be level.",
    },
    cpu: {
      title: "CPU time against wants that are active at once",
      subtitle: "For each file level; an idle second in proportion to what is waiting.",
    },
    memory: {
      title: "Memory against wants that are active at once",
      subtitle: "Of the whole process; 1,000 attachments in the store throughout.",
    },
  },
};

const xLabels: Readonly<Record<SectionName, string>> = {
  size: "bytes of the file",
  attachments: "attachments in the store",
  wants: "wants, all active at once",
};

const aspects: readonly Aspect[] = ["time", "cpu", "memory"];
const yLabels: Readonly<Record<Aspect, string>> = { time: "time", cpu: "CPU time", memory: "memory" };
const unitSizes = { s: 1, ms: 1e-3, MB: 1e6 } as const;

/** By file name; a drawing whose lines were not measured is left out. */
export function chartsOf(sections: readonly Section[]): ReadonlyMap<string, Chart> {
  const charts = new Map<string, Chart>();
  for (const section of sections) {
    const measured = linesIn(section);
    for (const aspect of aspects) {
      const lines = measured.filter(({ line }) => line.aspect === aspect);
      if (lines.length > 0) charts.set(`growth-${section.section}-${aspect}.svg`, chartOf(section, aspect, lines));
    }
  }
  return charts;
}

function chartOf({ section, machine, command }: Section, aspect: Aspect, measured: readonly MeasuredLine[]): Chart {
  const isMemory = aspect === "memory";
  const reading = isMemory ? "" : " Dashed: cost in proportion.";
  return {
    ...headings[section][aspect],
    xLabel: xLabels[section],
    yLabel: yLabels[aspect],
    xText: section === "size" ? bytesText : countText,
    yText: isMemory ? bytesText : secondsText,
    lines: measured.map(({ line, points }) => {
      const size = unitSizes[line.unit];
      const scaled = points.map(({ n, cost, min, max }) => ({
        x: n,
        y: cost * size,
        min: min * size,
        max: max * size,
      }));
      return { label: line.label, points: scaled };
    }),
    caption: [
      `Points are medians, thin lines reach from minimum to maximum.${reading} Both axes are logarithmic.`,
      `${command} · ${machine.join(" · ")}`,
    ],
    hasDiagonals: !isMemory,
  };
}
