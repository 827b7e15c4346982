/**
 * What is measured as something grows. Each line has a point for each step: its figure is `<name>/<step>`, such as
 * `grow-fetch/10MB`. A line is expected to be straight: in proportion to what grows, or flat.
 */

export const sectionNames = ["size", "attachments", "wants"] as const;
export type SectionName = (typeof sectionNames)[number];

/** In which drawing. */
export type Aspect = "time" | "cpu" | "memory";

export interface Line {
  readonly name: string;
  readonly section: SectionName;
  readonly aspect: Aspect;
  readonly unit: "s" | "ms" | "MB";
  /** Beside the line in the drawing. */
  readonly label: string;
  readonly expected: "proportion" | "flat";
  /** A flat line may grow as it likes below this: nobody would notice. */
  readonly free?: number;
}

export const lines: readonly Line[] = [
  ...of("size", "time", "s", "proportion", {
    "grow-attach": "attach",
    "grow-fetch": "fetch",
    "grow-read": "read back",
  }),
  ...of("size", "cpu", "s", "proportion", {
    "grow-attach-cpu": "attach",
    "grow-fetch-cpu-receiver": "fetch: the receiver",
    "grow-fetch-cpu-sender": "fetch: the sender",
  }),
  ...of("size", "memory", "MB", "flat", {
    "grow-rss-sender": "sender: attach, serve",
    "grow-rss-receiver": "receiver: fetch",
  }),

  ...of("attachments", "time", "s", "proportion", {
    "grow-open": "open, tables cached",
    "grow-replay": "open, from the log",
    "grow-logsync": "log sync to a new peer",
    "grow-list": "list all",
    "grow-close": "close after changes",
  }),
  { ...flat("attachments", "time", "ms", "grow-attach-more", "attach one more"), free: 10 },
  { ...flat("attachments", "time", "ms", "grow-request-more", "request one more"), free: 10 },
  ...of("attachments", "cpu", "s", "proportion", {
    "grow-open-cpu": "open, tables cached",
    "grow-replay-cpu": "open, from the log",
    "grow-logsync-cpu-receiver": "log sync: the new peer",
    "grow-logsync-cpu-sender": "log sync: the other",
  }),
  ...of("attachments", "cpu", "ms", "proportion", { "grow-idle": "an idle second, connected" }),
  ...of("attachments", "memory", "MB", "proportion", {
    "grow-open-memory": "opened, tables cached",
    "grow-replay-memory": "peak, opening from the log",
    "grow-logsync-memory": "peak, log sync: the new peer",
  }),

  { ...flat("wants", "time", "ms", "grow-wants", "fetch, for each file"), free: 1 },
  { ...flat("wants", "time", "ms", "grow-wants-request", "request, for each want"), free: 1 },
  { ...flat("wants", "time", "ms", "grow-wants-call", "pause, resume, progress: 99 %"), free: 1 },
  { ...flat("wants", "time", "ms", "grow-wants-durable", "until a pause is durable"), free: 10 },
  { ...flat("wants", "time", "ms", "grow-wants-held", "event loop held, at most"), free: 30 },
  { ...flat("wants", "cpu", "ms", "grow-wants-cpu-receiver", "each file: the receiver"), free: 1 },
  { ...flat("wants", "cpu", "ms", "grow-wants-cpu-sender", "each file: the sender"), free: 1 },
  ...of("wants", "cpu", "ms", "proportion", { "grow-wants-idle": "an idle second, all waiting" }),
  ...of("wants", "memory", "MB", "flat", {
    "grow-wants-memory": "peak, receiver",
    "grow-wants-memory-sender": "peak, sender",
    "grow-wants-memory-waiting": "all waiting for a peer",
  }),
];

export const linesOf = (section: SectionName): readonly Line[] => lines.filter((line) => line.section === section);

function of(
  section: SectionName,
  aspect: Aspect,
  unit: Line["unit"],
  expected: Line["expected"],
  labels: Readonly<Record<string, string>>,
): Line[] {
  return Object.entries(labels).map(([name, label]) => ({ name, section, aspect, unit, label, expected }));
}

function flat(section: SectionName, aspect: Aspect, unit: Line["unit"], name: string, label: string): Line {
  return { name, section, aspect, unit, label, expected: "flat" };
}
