/** Every scenario by the name that figures call it by. */
import type { FixedScenarioName, SizedScenarioName } from "../figures.ts";
import {
  controlFetchMiB,
  controlWants,
  idleMs,
  settleMs,
  smallBytesInAll,
  smallFiles,
  storedAttachments,
} from "../limits.ts";
import { bareAttach, bareReceive, bareSocket } from "./bare.ts";
import { bundleSize } from "./bundle.ts";
import { control } from "./control.ts";
import { idle } from "./idle.ts";
import { inProcess, inProcessStored } from "./in-process.ts";
import { open } from "./open.ts";
import { resume } from "./resume.ts";
import type { FixedScenario, Scenario } from "./scenario.ts";
import { small } from "./small.ts";
import { tiny } from "./tiny.ts";
import { transfer } from "./transfer.ts";

export const sizedScenarios: Readonly<Record<SizedScenarioName, Scenario>> = {
  "in-process": inProcess,
  "in-process-stored": inProcessStored,
  transfer,
  resume,
  "bare-attach": bareAttach,
  "bare-receive": bareReceive,
  "bare-socket": bareSocket,
};

export const fixedScenarios: Readonly<Record<FixedScenarioName, FixedScenario>> = {
  small: small(smallFiles, smallBytesInAll),
  tiny,
  open: open(storedAttachments),
  idle: idle(storedAttachments, { settleMs, idleMs }),
  control: control(controlWants, controlFetchMiB),
  bundle: bundleSize,
};
