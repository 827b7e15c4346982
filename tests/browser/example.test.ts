/** The example of the documents in Chromium, used as a person would: by its buttons. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import ts from "typescript";
import { seededRandom } from "../../core/base/random.ts";
import { root } from "./build.ts";
import { storiesOn } from "./stories.ts";

const test = suite("browser: example");
const story = storiesOn("/example/index.html", test);
const bytes = Buffer.from(seededRandom(8).bytes(1_000_000));
/** Longer than the slow line of the example takes for what was in flight. */
const settleMs = 2_000;
/** Pictures of the page are put here, when it is given. */
const pictures = process.env["PICTURES"];

test("it type-checks against the sources", () => {
  assert.equal(compileProblems("docs/examples/browser/main.ts"), []);
});

story(
  "attached by Anna, fetched by Ben: pause holds it, resume completes it, what is saved is what was attached",
  async (page) => {
    await attach(page, "Anna", "holiday.png");
    const row = page.locator("#Ben li", { hasText: "holiday.png" });
    const button = (name: string) => row.getByRole("button", { name });
    await button("Fetch").click();
    await page.waitForFunction(() => Number(document.querySelector<HTMLProgressElement>("#Ben progress")?.value) >= 10);
    await button("Pause").click();
    await row.getByText("Paused at").waitFor();
    await page.waitForTimeout(settleMs);
    const paused = await row.locator("output").textContent();
    await page.waitForTimeout(500);
    assert.is(await row.locator("output").textContent(), paused);
    await takePicture(page, "paused");

    await button("Resume").click();
    await row.getByText("Here and verified").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), button("Save").click()]);
    assert.is(download.suggestedFilename(), "holiday.png");
    assert.is(sha256(readFileSync(await download.path())), sha256(bytes));
  },
);

story("a cancelled file can be fetched again; with the line cut nothing comes until it is healed", async (page) => {
  await attach(page, "Anna", "recipe.pdf");
  const row = page.locator("#Ben li", { hasText: "recipe.pdf" });
  await row.getByRole("button", { name: "Fetch" }).click();
  await row.getByRole("button", { name: "Cancel" }).click();
  await row.getByText("cancelled").waitFor();
  await page.getByLabel("Cut the line").check();
  await row.getByRole("button", { name: "Fetch" }).click();
  await page.waitForTimeout(500);
  assert.is(await row.locator("progress").getAttribute("value"), "0");
  await page.getByLabel("Cut the line").uncheck();
  await row.getByText("% ·").waitFor();
  await page.waitForTimeout(1_000);
  await takePicture(page, "fetching");
  await row.getByText("Here and verified").waitFor();
});

async function attach(page: Page, peer: string, name: string): Promise<void> {
  await page.setInputFiles(`#${peer} input`, { name, mimeType: "application/octet-stream", buffer: bytes });
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  const path = join(pictures, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
}

/** With the compiler options of the checkout; the package's own name leads to its sources, as it is not installed here. */
function compileProblems(path: string): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const paths = { "focused-file-sync/*": ["./core/*.ts"] };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, paths }, root);
  const program = ts.createProgram([join(root, path)], { ...options, pathsBasePath: root });
  const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(join(root, path)));
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

const sha256 = (of: Uint8Array): string => createHash("sha256").update(of).digest("hex");

test.run();
