/**
 * The pages over HTTP, on loopback and any free port. Its policy is a strict one (nothing from elsewhere, no text run as
 * code): what does not work under it does not work in apps that care. Compiling wasm is the one thing that we need.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { root, siteScripts } from "./build.ts";

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src data:",
  "connect-src 'self' ws://127.0.0.1:*",
].join("; ");

const testPage = `<!doctype html><meta charset="utf-8"><title>focused-file-sync</title><link rel="icon" href="data:,">
<script type="module" src="/scenarios.js"></script><script type="module" src="/vectors.js"></script>`;

const mediaTypes: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  html: "text/html; charset=utf-8",
  wasm: "application/wasm",
};

export interface Site {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const wasm = readFileSync(join(root, "node_modules/sql.js/dist/sql-wasm-browser.wasm"));
  const files = new Map<string, string | Buffer>([
    ...(await siteScripts()),
    ["/tests.html", testPage],
    ["/sql-wasm-browser.wasm", wasm],
    ["/example/index.html", readFileSync(join(root, "docs/examples/browser/index.html"))],
    ["/example/sql-wasm-browser.wasm", wasm],
  ]);
  const server = createServer(({ url = "" }, response) => {
    const body = files.get(url);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const mediaType = mediaTypes[url.slice(url.lastIndexOf(".") + 1)];
    response.writeHead(200, { "content-type": mediaType, "content-security-policy": policy }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
