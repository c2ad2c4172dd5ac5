// The explorer, as somebody uses it who looks for an event. API is the address of a filled service; EVENT a name and id in it.
import { assert, inBrowser, until } from "./browser.mjs";

const base = process.env.API;
const event = JSON.parse(process.env.EVENT);
const names = (page) => page.locator("#results h3").allTextContents();

await inBrowser(base, async (page, picture) => {
  await page.goto(`${base}/`);
  await page.locator("#results li").first().waitFor();
  assert.equal((await names(page)).length, 20);
  await picture("explorer");

  await page.getByRole("button", { name: "More" }).click();
  await until("a second page", async () => (await names(page)).length > 20);
  assert.equal(new Set(await names(page)).size, (await names(page)).length, "no event twice");

  await page.getByLabel("Search").fill(event.name);
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL(/q=/);
  await until("the event among the hits", async () => (await names(page))[0] === event.name);
  await picture("explorer-search");

  await page.getByRole("link", { name: event.name, exact: true }).click();
  await page.waitForURL(`${base}/events/${event.id}`);
  assert.equal(await page.locator("#name").textContent(), event.name);
  for (const person of event.speakers) await page.getByRole("link", { name: person, exact: true }).first().waitFor();
  await page.getByRole("heading", { name: "Similar events" }).waitFor();
  await picture("explorer-event");

  await page.getByRole("link", { name: event.speakers[0], exact: true }).first().click();
  await page.waitForURL(/\/speakers\//);
  await page.getByRole("link", { name: event.name, exact: true }).waitFor();
  await picture("explorer-speaker");

  await page.goBack();
  await until("the event again", async () => (await page.locator("#name").textContent()) === event.name);
  await page.goBack();
  await until("the search again", async () => (await page.getByLabel("Search").inputValue()) === event.name);

  await page.getByLabel("Search").fill("");
  await page.getByLabel("Place").fill(event.city);
  await page.getByRole("button", { name: "Show" }).click();
  await until("events of that place", async () => (await names(page)).includes(event.name));
  const places = await page.locator("#results li").count();
  assert.ok(places >= 1 && places < 20, `${places} events in ${event.city}`);

  await page.goto(`${base}/?date_after=yesterday`);
  assert.match(await page.getByRole("alert").textContent(), /date_after/);
  await page.goto(`${base}/events/00000000-0000-4000-8000-000000000000`);
  assert.match(await page.getByRole("alert").textContent(), /Not found/);
});

// On a telephone, in the dark: nothing sticks out.
await inBrowser(base, async (page, picture) => {
  await page.goto(`${base}/events/${event.id}`);
  await page.locator("#name").waitFor();
  const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= room, `the page is ${width} wide where ${room} fit`);
  await picture("explorer-telephone");
}, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });

// A description that somebody wrote who means harm: nothing of it runs, nothing is loaded, and the rest is shown.
await inBrowser(base, async (page, picture) => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url())));
  page.on("dialog", () => assert.fail("a script of the description ran"));
  await page.goto(`${base}/events/${process.env.HOSTILE}`);
  const text = page.locator(".description");
  await text.waitFor();
  assert.deepEqual(await text.locator("h3").allTextContents(), ["Looms & engines"]);
  assert.deepEqual(await text.locator("li strong").allTextContents(), ["Ada Example"]);
  assert.equal(await text.locator("p").first().locator("br").count(), 1);
  const links = await text.locator("a").evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.rel, a.target]));
  const rel = "nofollow noopener noreferrer";
  assert.deepEqual(links, [["https://example.com/ada", rel, "_blank"], ["https://example.com/plain", rel, "_blank"],
    ["https://evil.example/a.png", rel, "_blank"]]); // words of what is not a picture here
  assert.equal(await text.locator("script, img, iframe, svg, style, object, form, input").count(), 0);
  assert.equal(await text.locator("*").evaluateAll((all) => all.filter((one) => [...one.attributes].some((a) => /^on|^style$/.test(a.name))).length), 0);
  assert.match(await text.textContent(), /<script>alert\(1\)<\/script>/);
  assert.match(await text.textContent(), /a picture/);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.deepEqual(asked.filter((url) => url.hostname === "evil.example").map(String), []);
  await picture("explorer-description");
});
