// One event with everybody and everything that belongs to it.
import { announce, element, outside } from "../shared/elements";
import { ago, when } from "../shared/formats";
import { markdown } from "../shared/markdown";
import { request } from "../shared/requests";
import { card, topicChip } from "./cards";
import type { EventDocument, EventItem, List } from "./types";

// People by role in the order in which they are usually named.
const ROLES = ["host", "speaker", "panelist", "moderator", "judge", "mentor"];
const RELATIONS = ["host", "sponsor", "partner", "venue"];

function grouped<T>(items: T[], names: string[], nameOf: (item: T) => string, line: (item: T) => HTMLElement, plural: (name: string) => string): HTMLElement[] {
  const order = [...names, ...new Set(items.map(nameOf).filter((name) => !names.includes(name)))];
  return order.flatMap((name) => {
    const members = items.filter((item) => nameOf(item) === name);
    return members.length ? [element("h3", {}, plural(name)), element("ul", { class: "people" }, ...members.map(line))] : [];
  });
}

const plural = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}s`;

function people(event: EventDocument): HTMLElement[] {
  return grouped(event.speakers, ROLES, (person) => person.role, (person) =>
    element("li", {},
      element("a", { href: `/speakers/${person.id}` }, person.name),
      person.company && element("span", { class: "soft" }, ` · ${person.company}`),
      person.extraction_confidence < 0.7 && element("span", { class: "soft" }, " (unsure)")), plural);
}

function companies(event: EventDocument): HTMLElement[] {
  return grouped(event.companies, RELATIONS, (company) => company.relationship_type, (company) =>
    element("li", {},
      element("a", { href: `/companies/${company.id}` }, company.name),
      company.domain && element("span", { class: "soft" }, ` · ${company.domain}`)),
    (name) => (name === "host" ? "Hosted by" : plural(name)));
}

// Many addresses begin with the venue's name.
function place(event: EventDocument): string | null {
  const address = event.address ?? event.location;
  if (!event.venue || address?.startsWith(event.venue)) return address;
  return address ? `${event.venue}, ${address}` : event.venue;
}

function facts(event: EventDocument): HTMLElement {
  const rows: [string, Node | string | null][] = [
    ["When", when(event.starts_at, event.ends_at, event.timezone, event.date)],
    ["Where", event.is_online ? "Online" : place(event)],
    ["Page", event.luma_url ? outside(event.luma_url, event.luma_url) : null],
    ["Read", event.scraped_at ? ago(event.scraped_at) : null],
    ["Quality", `${event.data_quality_score} of 100`],
  ];
  return element("dl", { class: "facts" },
    ...rows.flatMap(([name, value]) => (value ? [element("dt", {}, name), element("dd", {}, value)] : [])));
}

function description(text: string): HTMLElement {
  return element("section", { class: "description", "aria-label": "Description" }, markdown(text));
}

async function similar(id: string, signal: AbortSignal): Promise<HTMLElement | null> {
  const { data } = await request<List<EventItem>>(`/api/events/${encodeURIComponent(id)}/similar?limit=3`, { signal });
  return data.length ? element("section", {}, element("h2", {}, "Similar events"), element("ol", { class: "cards" }, ...data.map(card))) : null;
}

export async function showEvent(id: string, main: HTMLElement, signal: AbortSignal): Promise<void> {
  const event = await request<EventDocument>(`/api/events/${encodeURIComponent(id)}`, { signal });
  if (signal.aborted) return;
  document.title = `${event.name} · Events`;
  const rest = element("div");
  main.replaceChildren(
    element("article", { class: "event" },
      event.image_url && element("img", { class: "cover", src: event.image_url, alt: "", referrerpolicy: "no-referrer" }),
      element("h2", { id: "name" }, event.name),
      event.status !== "scheduled" && element("p", { class: "state" }, event.status),
      event.processing_status === "failed" && element("p", { class: "problem" }, `The page could not be read: ${event.processing_error}`),
      facts(event),
      element("p", { class: "chips" }, ...event.topics.map((topic) => topicChip(topic.name))),
      element("div", { class: "columns" },
        element("div", {}, ...people(event), ...companies(event)),
        event.description ? description(event.description) : null),
      element("p", {}, element("a", { href: `/api/events/${event.id}` }, "As JSON"))),
    rest);
  announce(event.name);
  if (event.processing_status === "processed") {
    const others = await similar(event.id, signal);
    if (others) rest.replaceWith(others);
  }
}
