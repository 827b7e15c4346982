/** docs/STATUS.md: the state machines, from the tables that drive them. */
import { channelTable, type ChannelCell } from "../../core/channel/index.ts";
import { wantActions, wantTransitions, type WantAction, type WantState } from "../../core/base/want-status.ts";
import { code, table } from "./markdown.ts";

const wantStates = Object.keys(wantTransitions) as WantState[];

export function statusPage(): string {
  return `# States

Written by \`npm run docs:generate\` from the tables that drive the code; \`npm run docs:check\` fails when it is stale.

## A want

What a user wants of one file. The table is [core/base/want-status.ts](../core/base/want-status.ts). \`request\`, \`pause\`, \`resume\` and \`cancel\` come from the
app. The others come from the engine: \`verify\`, every leaf is proved; \`expire\`, its time to live is over; \`fail\`, the file was deleted or the
storage failed; \`damage\`, a slice at rest went bad. \`none\` is a file that was never requested; it is not stored.

\`\`\`mermaid
stateDiagram-v2
${arrows().join("\n")}
\`\`\`

Rows are states, columns are what happens. A status in bold: the want goes there. *same*: nothing changes and nothing is recorded.
A code: the call is refused with it.

${table(
  ["state", ...wantActions.map(code)],
  wantStates.map((state) => [code(state), ...wantActions.map((action) => wantCell(state, action))]),
)}

## A channel

The states of the secure channel between two peers. The table is [core/channel/states.ts](../core/channel/states.ts). Every refusal and every
failure leads to \`dead\`.

${channelMatrix()}
`;
}

function arrows(): string[] {
  const labels = new Map<string, WantAction[]>();
  for (const state of wantStates) {
    for (const action of wantActions) {
      const transition = wantTransitions[state][action];
      if (transition === "same" || "refuse" in transition || transition.to === state) continue;
      const arrow = `  ${state === "none" ? "[*]" : state} --> ${transition.to}`;
      labels.set(arrow, [...(labels.get(arrow) ?? []), action]);
    }
  }
  return [...labels].map(([arrow, actions]) => `${arrow} : ${actions.join(", ")}`);
}

function wantCell(state: WantState, action: WantAction): string {
  const transition = wantTransitions[state][action];
  if (transition === "same") return "*same*";
  return "refuse" in transition ? code(transition.refuse) : `**${transition.to}**`;
}

function channelMatrix(): string {
  const states = Object.entries(channelTable);
  const calls = Object.keys(channelTable.idle) as (keyof typeof channelTable.idle)[];
  const rows = states.map(([state, row]) => [code(state), ...calls.map((call) => channelCell(row[call]))]);
  return table(["state", ...calls.map(code)], rows);
}

const channelCell = (cell: ChannelCell): string => ("action" in cell ? `**${cell.action}**` : code(cell.refused));
