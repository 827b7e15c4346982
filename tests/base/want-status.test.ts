/**
 * The status of a want: every (state, action) pair against a table that was written by hand from the design, not from
 * the code. A changed transition has to be changed here too, by someone who thought about it.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { errorTable } from "../../core/errors.ts";
import {
  wantActions,
  wantStatuses,
  wantTransition,
  wantTransitions,
  type WantState,
} from "../../core/base/want-status.ts";

const test = suite("base: want-status");

/** `→ state`, `!code` for a refusal, `=` for a call that was made before. In the order of `wantActions`. */
const expected: Record<WantState, string> = {
  //         request    pause              resume             cancel          verify             expire             fail            damage
  none: "      → active !want_unknown      !want_unknown      !want_unknown   → complete         !want_unknown      !want_unknown   !want_unknown",
  active:
    "    → active → paused           =                  → cancelled     → complete         → expired          → failed        =",
  paused:
    "    → active =                  → active           → cancelled     → complete         → expired          → failed        =",
  complete:
    "  =        !want_complete     !want_complete     !want_complete  =                  !want_complete     → failed        → active",
  failed:
    "    → active !want_failed       !want_failed       → cancelled     !want_failed       !want_failed       =               !want_failed",
  cancelled:
    " → active !want_cancelled    !want_cancelled    =               !want_cancelled    !want_cancelled    =               !want_cancelled",
  expired:
    "   → active !want_expired      !want_expired      → cancelled     !want_expired      =                  =               !want_expired",
};

function cells(row: string): string[] {
  return row.trim().replaceAll("→ ", "→").split(/\s+/);
}

function written(state: WantState, action: (typeof wantActions)[number]): string {
  const transition = wantTransition(state, action);
  if (transition === "same") return "=";
  return "to" in transition ? `→${transition.to}` : `!${transition.refuse}`;
}

for (const state of ["none", ...wantStatuses] as const) {
  wantActions.forEach((action, i) => {
    test(`${state}, ${action}: ${cells(expected[state])[i] ?? "?"}`, () => {
      assert.is(written(state, action), cells(expected[state])[i]);
    });
  });
}

test("the table has every state and every action, and nothing else", () => {
  assert.equal(Object.keys(wantTransitions).sort(), ["none", ...wantStatuses].sort());
  for (const row of Object.values(wantTransitions)) assert.equal(Object.keys(row).sort(), [...wantActions].sort());
});

test("what is refused is refused by a code of the closed list", () => {
  for (const row of Object.values(wantTransitions)) {
    for (const transition of Object.values(row)) {
      if (transition !== "same" && "refuse" in transition) assert.ok(transition.refuse in errorTable);
    }
  }
});

test("request wakes every state but the complete one; nothing else wakes what the user stopped", () => {
  for (const state of ["paused", "failed", "cancelled", "expired"] as const) {
    assert.is(written(state, "request"), "→active");
    for (const action of wantActions) {
      if (action === "request" || (state === "paused" && action === "resume")) continue;
      assert.is.not(written(state, action), "→active", `${state}, ${action}`);
    }
  }
});

test.run();
