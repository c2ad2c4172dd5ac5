// Events in a list.
import { element } from "../shared/elements";
import { when } from "../shared/formats";
import type { EventItem } from "./types";

// Highlights are escaped text in which <mark> stands around what was found: they are taken apart, never set as markup.
function marked(text: string): Node[] {
  const plain = (part: string) =>
    part.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  return text.split(/(<mark>.*?<\/mark>)/s).map((part) =>
    part.startsWith("<mark>") ? element("mark", {}, plain(part.slice(6, -7))) : document.createTextNode(plain(part)));
}

export function topicChip(name: string): HTMLElement {
  return element("a", { class: "chip", href: `/?topics=${encodeURIComponent(name)}` }, name);
}

export function card(item: EventItem): HTMLElement {
  const found = item.highlights?.description;
  const place = item.is_online ? "Online" : item.location;
  return element("li", { class: "card" },
    item.image_url && element("img", { src: item.image_url, alt: "", loading: "lazy", referrerpolicy: "no-referrer" }),
    element("div", {},
      element("h3", {}, element("a", { href: `/events/${item.id}` }, ...(item.highlights?.name ? marked(item.highlights.name) : [item.name]))),
      element("p", { class: "soft" }, when(item.starts_at, item.ends_at, item.timezone, item.date)),
      place ? element("p", { class: "soft" }, place) : null,
      item.status !== "scheduled" && element("p", { class: "state" }, item.status),
      found && found.includes("<mark>") ? element("p", { class: "found" }, ...marked(found)) : null,
      element("p", { class: "chips" }, ...item.topics.slice(0, 6).map(topicChip))));
}
