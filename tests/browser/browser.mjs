// What the browser tests share: Debian's Chromium under playwright-core, a page whose mistakes fail the test, pictures.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const { chromium } = createRequire(path.join(root, "build/npm/"))("playwright-core");
const pictures = process.env.SCREENSHOTS ?? path.join(root, "build/screenshots");

// Runs steps(page, picture) in a fresh browser; anything the page logs as an error, throws, or asks of another host than
// its own fails it (pictures of events excepted: they are answered by one pixel).
export async function inBrowser(base, steps, options = {}) {
  await mkdir(pictures, { recursive: true });
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
  const mistakes = [];
  try {
    const context = await browser.newContext({ viewport: { width: 1200, height: 850 }, locale: "en-GB", timezoneId: "UTC", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => mistakes.push(`thrown: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && !/status of (4\d\d|503)/.test(message.text()) && mistakes.push(`logged: ${message.text()}`));
    await context.route((url) => url.origin !== base, (route) => {
      if (route.request().resourceType() !== "image") mistakes.push(`asked ${route.request().url()}`);
      return route.fulfill({ status: 200, contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"/>' });
    });
    await steps(page, (name) => page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true }));
  } finally {
    await browser.close();
  }
  assert.deepEqual(mistakes, []);
}

export async function until(what, condition, timeoutMs = 30_000) {
  for (const end = Date.now() + timeoutMs; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
  }
}

export { assert };
