/** What a figure is. Its full name is `<name>/<subject>`, where the subject is a size or what else was measured. */

/** Run for each size that is asked for. */
export type SizedScenarioName =
  | "in-process"
  | "in-process-stored"
  | "transfer"
  | "resume"
  | "bare-attach"
  | "bare-receive"
  | "bare-socket";

/** Always the same files. */
export type FixedScenarioName = "small" | "tiny" | "open" | "idle" | "control" | "bundle";

export type ScenarioName = SizedScenarioName | FixedScenarioName;

export type Unit = "s" | "ms" | "MB" | "KB" | "bytes" | "%" | "files/s" | "x file" | "x files" | "x bare";

export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly what: string;
  /** Where it is measured; a ratio comes from two figures of the same round. */
  readonly from: ScenarioName | { readonly ratioOf: string; readonly to: string };
  /** Unset: each of the sizes asked for. */
  readonly subject?: string;
  /** At most so much (or at least, where more is better), by subject. Figures without a goal explain the others. */
  readonly goals?: Readonly<Record<string, number>>;
  readonly isMoreBetter?: true;
  /** A goal that says "never" is for the worst of all runs, not for their median. */
  readonly isGoalForWorst?: true;
  /** What else the machine does or its layout decides this, so no verdict about a change is drawn from it. */
  readonly isOnlyTold?: true;
}
