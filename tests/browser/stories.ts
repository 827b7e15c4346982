/**
 * Stories that share one page. A hook of uvu that throws is swallowed, with every test of its file; so what the hooks
 * would do is done within the stories: the first one opens the browser, and each one ends by asking whether the page
 * complained.
 */
import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import type { Test } from "uvu";
import { openBrowser, type Browser } from "./chromium.ts";
import { openSite, type Site } from "./site.ts";

type Story = (page: Page) => Promise<void>;

export function storiesOn(path: string, test: Test): (title: string, story: Story) => void {
  let opening: Promise<{ readonly site: Site; readonly browser: Browser }> | undefined;

  const open = async (): Promise<{ readonly site: Site; readonly browser: Browser }> => {
    const site = await openSite();
    const browser = await openBrowser();
    await browser.page.goto(`${site.url}${path}`);
    return { site, browser };
  };
  test.after(async () => {
    const opened = await opening?.catch(() => undefined);
    await opened?.browser.close();
    await opened?.site.close();
  });
  return (title, story) => {
    test(title, async () => {
      const { browser } = await (opening ??= open());
      await story(browser.page);
      assert.equal(browser.complaints, [], "the page complains of nothing");
    });
  };
}
