/**
 * The status of a want is one table: what each event does in each state. It drives the code, is rendered into
 * docs/STATUS.md, and is tested for every pair.
 *
 * `none` is a file that was never requested; it is not stored. A refusal carries the code that the caller gets, so that
 * "pause" on a complete file is refused by name and never silently ignored. `same` means that the call was made before:
 * nothing changes and nothing is recorded.
 */
import type { ErrorCode } from "../errors.ts";

export const wantStatuses = ["active", "paused", "complete", "failed", "cancelled", "expired"] as const;
export type WantStatus = (typeof wantStatuses)[number];
/** `none`: the file is known, but was never requested. */
export type WantState = WantStatus | "none";

export const wantActions = ["request", "pause", "resume", "cancel", "verify", "expire", "fail", "damage"] as const;
/** The first four come from the app, the others from the engine: all leaves proved, time to live over, deleted, damaged at rest. */
export type WantAction = (typeof wantActions)[number];

type Transition = { readonly to: WantStatus } | { readonly refuse: ErrorCode } | "same";

const to = (status: WantStatus): Transition => ({ to: status });
const refuse = (code: ErrorCode): Transition => ({ refuse: code });

export const wantTransitions: Readonly<Record<WantState, Readonly<Record<WantAction, Transition>>>> = {
  none: {
    request: to("active"),
    pause: refuse("want_unknown"),
    resume: refuse("want_unknown"),
    cancel: refuse("want_unknown"),
    verify: to("complete"), // an attachment of our own
    expire: refuse("want_unknown"),
    fail: refuse("want_unknown"),
    damage: refuse("want_unknown"),
  },
  active: {
    request: to("active"), // a new priority or time to live
    pause: to("paused"),
    resume: "same",
    cancel: to("cancelled"),
    verify: to("complete"),
    expire: to("expired"),
    fail: to("failed"),
    damage: "same",
  },
  paused: {
    request: to("active"),
    pause: "same",
    resume: to("active"),
    cancel: to("cancelled"),
    verify: to("complete"), // the last slices were in flight when it was paused
    expire: to("expired"),
    fail: to("failed"),
    damage: "same",
  },
  complete: {
    request: "same",
    pause: refuse("want_complete"),
    resume: refuse("want_complete"),
    cancel: refuse("want_complete"),
    verify: "same",
    expire: refuse("want_complete"),
    fail: to("failed"), // deleted by its author
    damage: to("active"), // a slice at rest went bad: fetched again
  },
  failed: {
    request: to("active"),
    pause: refuse("want_failed"),
    resume: refuse("want_failed"),
    cancel: to("cancelled"),
    verify: refuse("want_failed"),
    expire: refuse("want_failed"),
    fail: "same",
    damage: refuse("want_failed"),
  },
  cancelled: {
    request: to("active"),
    pause: refuse("want_cancelled"),
    resume: refuse("want_cancelled"),
    cancel: "same",
    verify: refuse("want_cancelled"),
    expire: refuse("want_cancelled"),
    fail: "same",
    damage: refuse("want_cancelled"),
  },
  expired: {
    request: to("active"),
    pause: refuse("want_expired"),
    resume: refuse("want_expired"),
    cancel: to("cancelled"),
    verify: refuse("want_expired"),
    expire: "same",
    fail: "same",
    damage: refuse("want_expired"),
  },
};

export const wantTransition = (state: WantState, action: WantAction): Transition => wantTransitions[state][action];
