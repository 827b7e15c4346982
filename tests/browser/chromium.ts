/**
 * A Chromium without a window, with a profile of its own that is removed afterwards. Whatever the page complains of
 * (an error on its console, an exception that nobody caught, a request that failed) is kept: a test that passes in a page
 * that complained has not passed.
 *
 * A persistent context, not Playwright's usual one: that is as a private window is, where browsers keep less and slower.
 */
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { bundle } from "./build.ts";

/** Nothing but the page under test: no sandbox since containers refuse it, no services that call home. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const actionMsMax = 20_000;

export const howToInstall =
  "no Chromium found: install it (Debian: apt-get install chromium), or name its program in the variable CHROMIUM";

/** The program that CHROMIUM names, or the first on the path that is one. */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates =
    named === undefined ? names.flatMap((name) => folders.map((folder) => join(folder, name))) : [named];
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Browser {
  readonly page: Page;
  /** What the page complained of so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(howToInstall);
  const profile = mkdtempSync(join(tmpdir(), "focused-file-sync-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    viewport: { width: 1100, height: 640 },
    acceptDownloads: true,
  });
  context.setDefaultTimeout(actionMsMax);
  await context.addInitScript({ content: (await bundle("tests/browser/page/trap.ts")).text });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()}: status ${response.status()}`);
  });
  return {
    page,
    complaints,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
