/**
 * `npm run test:browser`: the tests of this folder, where there is a Chromium. Without one they are skipped, except in
 * CI, where a test that never runs is a test that fails. The size of the bundle is told first, as a line of JSON.
 *
 *   npm run test:browser -- --serve    only serves the example, to be looked at in any browser
 */
import { spawnSync } from "node:child_process";
import { tallyLine } from "../runner/uvu-summary.ts";
import { libraryBundle, root, sizeOf } from "./build.ts";
import { findChromium, howToInstall } from "./chromium.ts";
import { openSite } from "./site.ts";

if (process.argv.includes("--serve")) {
  const { url } = await openSite();
  console.log(`${url}/example/index.html`);
} else if (findChromium() === undefined) {
  const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");
  console.log(howToInstall);
  console.log(tallyLine({ passed: 0, failed: isCi ? 1 : 0, skipped: isCi ? 0 : 1 }));
  process.exitCode = isCi ? 1 : 0;
} else {
  console.log(JSON.stringify({ bundle: "core/browser.ts", ...sizeOf(await libraryBundle()) }));
  const command = ["--import", "tsx", "tests/run.ts", "tests/browser"];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
