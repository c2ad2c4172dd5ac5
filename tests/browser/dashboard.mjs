// The dashboard while a batch goes through, then one of its events in the explorer. DASHBOARD, API: addresses; TOKEN; URLS: pages
// to scrape, of which MISSING does not exist until this says "mend" on its standard output.
import { assert, inBrowser, until } from "./browser.mjs";

const { DASHBOARD: dashboard, API: api, TOKEN: token, MISSING: missing } = process.env;
const urls = JSON.parse(process.env.URLS);
const number = async (page, id) => Number((await page.locator(`#${id} strong`).textContent({ timeout: 5000 })).replace(/\D/g, ""));

await inBrowser(dashboard, async (page, picture) => {
  await page.goto(`${dashboard}/dashboard`);
  assert.match(await page.getByRole("alert").textContent(), /token/);
  await page.getByRole("button", { name: "Token" }).click();
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByText("live", { exact: true }).waitFor();
  await page.locator("#services td", { hasText: "api" }).first().waitFor();
  const before = await number(page, "tile-processed");

  const answer = await fetch(`${api}/api/events/batch/scrape`, {
    method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` }, body: JSON.stringify({ urls: [...urls, missing] }),
  });
  assert.equal(answer.status, 202);
  await until("jobs that wait", async () => (await number(page, "tile-waiting")) > 0);
  await picture("dashboard-batch");
  await until("all of them processed", async () => (await number(page, "tile-processed")) === before + urls.length, 90_000);
  await until("an empty queue", async () => (await number(page, "tile-waiting")) + (await number(page, "tile-running")) === 0);

  const row = page.locator("#failed-jobs tbody tr", { hasText: missing });
  await row.getByText("page_not_found").waitFor();
  await page.locator("#stages tbody tr", { hasText: "extract" }).first().waitFor();
  await page.locator("#statements tbody tr").first().waitFor();
  await picture("dashboard-done");

  console.log("mend");
  await until("the page to be there", async () => (await fetch(process.env.MISSING_AT)).status === 200);
  await row.getByRole("button", { name: "Retry" }).click();
  await page.mouse.move(0, 0);
  await until("the retried one processed", async () => (await number(page, "tile-processed")) === before + urls.length + 1, 60_000);
  await row.waitFor({ state: "detached" });
});

await inBrowser(api, async (page, picture) => {
  await page.goto(`${api}/`);
  await page.getByRole("button", { name: "Key", exact: true }).click();
  await page.getByLabel("Key", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Use it" }).click();
  const first = page.locator("#results li a").first();
  const name = await first.textContent();
  await first.click();
  await page.locator("#name").waitFor();
  assert.equal(await page.locator("#name").textContent(), name);
  await picture("explorer-after-batch");
});
