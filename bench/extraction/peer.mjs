// The peer of the extraction's speed: the same structured fields of a page, read with cheerio on Node, as a scraper of Luma
// pages is usually written. It reads no prose and no topics.
//
// usage: peer.mjs PACKAGES_FOLDER PAGES FILE…      prints the same line of JSON as extraction_speed
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gunzipSync } from "node:zlib";

const [packages, total, ...files] = process.argv.slice(2);
const { load } = createRequire(path.resolve(packages, "package.json"))("cheerio");

function textOf(node) {
  if (!node) return "";
  if (node.text) return node.text;
  const inner = (node.content ?? []).map(textOf).join("");
  return node.type === "paragraph" || node.type === "heading" ? `${inner}\n\n` : inner;
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function person(host) {
  return { name: host.name, bio: host.bio_short, linkedin: host.linkedin_handle, x: host.twitter_handle, website: host.website };
}

function extract(html) {
  const $ = load(html);
  const data = parseJson($("#__NEXT_DATA__").text())?.props?.pageProps?.initialData?.data;
  const linked = $('script[type="application/ld+json"]').map((_, script) => parseJson($(script).text())).get();
  const meta = (name) => $(`meta[property="${name}"], meta[name="${name}"]`).attr("content");
  const event = data?.event ?? {}, place = event.geo_address_info ?? {};
  return JSON.stringify({
    name: event.name ?? linked[0]?.name ?? meta("og:title") ?? $("title").text(),
    description: textOf(data?.description_mirror) || meta("og:description"),
    starts_at: event.start_at ?? linked[0]?.startDate, ends_at: event.end_at ?? linked[0]?.endDate, timezone: event.timezone,
    venue: place.address, city: place.city, region: place.region, country: place.country_code, address: place.full_address,
    latitude: event.coordinate?.latitude, longitude: event.coordinate?.longitude,
    image: event.cover_url ?? meta("og:image"), url: $('link[rel="canonical"]').attr("href"),
    price: data?.ticket_info?.price, is_free: data?.ticket_info?.is_free, sold_out: data?.sold_out, guests: data?.guest_count,
    hosts: (data?.hosts ?? []).filter((host) => host.is_visible !== false).map(person),
    calendar: data?.calendar?.name, categories: (data?.categories ?? []).map((category) => category.name),
  });
}

const pages = files.map((file) => (file.endsWith(".gz") ? gunzipSync(readFileSync(file)) : readFileSync(file)).toString("utf8"));
for (let i = 0; i < 50; i++) extract(pages[i % pages.length]); // the compiler of Node warms up
const started = process.hrtime.bigint(), cpu = process.cpuUsage();
let bytes = 0, answered = 0;
for (let i = 0; i < Number(total); i++) {
  const page = pages[i % pages.length];
  answered += extract(page).length > 2 ? 1 : 0;
  bytes += page.length;
}
const used = process.cpuUsage(cpu), seconds = Number(process.hrtime.bigint() - started) / 1e9;
const cpuSeconds = (used.user + used.system) / 1e6;
console.log(JSON.stringify({ pages: answered, bytes, seconds, cpu_seconds: cpuSeconds, pages_per_second: answered / cpuSeconds }));
