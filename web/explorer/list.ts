// Search and filters. What is asked for stands in the address, so that it can be shared and gone back to.
import { announce, element } from "../shared/elements";
import { count } from "../shared/formats";
import { request } from "../shared/requests";
import { card, topicChip } from "./cards";
import { addForm } from "./add";
import type { EventItem, List } from "./types";

const FILTERS = ["q", "location", "topics", "date_after", "date_before", "when", "online", "sort"] as const;
type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

function filtersOf(search: string): Filters {
  const given = new URLSearchParams(search);
  return Object.fromEntries(FILTERS.flatMap((name) => (given.get(name) ? [[name, given.get(name) as string]] : [])));
}

function addressOf(filters: Filters, cursor?: string): string {
  const { q, sort, ...others } = filters;
  const query = new URLSearchParams({ limit: "20", ...others });
  if (q) query.set("q", q);
  else if (sort) query.set("sort", sort);
  if (cursor) query.set("cursor", cursor);
  return `${q ? "/api/events/search" : "/api/events"}?${query}`;
}

function choice(name: string, label: string, value: string | undefined, options: [string, string][]): HTMLElement {
  const select = element("select", { name }, ...options.map(([key, text]) => element("option", { value: key, selected: key === (value ?? "") }, text)));
  return element("label", {}, label, select);
}

function field(name: string, label: string, type: string, value: string | undefined, placeholder?: string): HTMLElement {
  return element("label", {}, label, element("input", { name, type, value, placeholder }));
}

function filterForm(filters: Filters): HTMLFormElement {
  const submit = (event: Event) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const query = new URLSearchParams();
    for (const name of FILTERS) {
      const value = String(given.get(name) ?? "").trim();
      if (value) query.set(name, value);
    }
    history.pushState(null, "", query.size ? `/?${query}` : "/");
    dispatchEvent(new PopStateEvent("popstate"));
  };
  return element("form", { class: "filters", role: "search", submit, change: (event) => (event.target as HTMLElement).tagName === "SELECT" && (event.currentTarget as HTMLFormElement).requestSubmit() },
    field("q", "Search", "search", filters.q, "machine learning hackathon"),
    field("location", "Place", "text", filters.location, "SF, Berlin, Japan …"),
    field("topics", "Topics", "text", filters.topics, "AI, Climate"),
    field("date_after", "From", "date", filters.date_after),
    field("date_before", "Until", "date", filters.date_before),
    choice("when", "When", filters.when, [["", "Any time"], ["upcoming", "Upcoming"], ["today", "Today"], ["weekend", "This weekend"], ["past", "Past"]]),
    choice("online", "Where", filters.online, [["", "Anywhere"], ["false", "In person"], ["true", "Online"]]),
    choice("sort", "Order", filters.sort, [["", "Newest first"], ["date", "Oldest first"], ["-quality", "Best described"]]),
    element("button", { class: "main", type: "submit" }, "Show"));
}

// Which topics there are, the most frequent first.
async function topicLine(signal: AbortSignal): Promise<HTMLElement> {
  const { groups } = await request<{ groups: { key: string; count: number }[] }>("/api/stats/events/count?group_by=topic", { signal });
  return element("p", { class: "chips" }, ...groups.slice(0, 12).map((group) => topicChip(group.key)));
}

export async function showList(main: HTMLElement, signal: AbortSignal): Promise<void> {
  const filters = filtersOf(location.search);
  const items = element("ol", { class: "cards", id: "results" });
  const more = element("button", { type: "button", id: "more", hidden: true }, "More");
  const sum = element("p", { class: "soft", id: "sum" });
  let cursor: string | null = null;

  const load = async () => {
    more.disabled = true;
    const answer = await request<List<EventItem>>(addressOf(filters, cursor ?? undefined), { signal });
    items.append(...answer.data.map(card));
    cursor = answer.page.next_cursor;
    more.hidden = !answer.page.has_more;
    more.disabled = false;
    const shown = items.childElementCount;
    sum.textContent = shown === 0 ? "Nothing was found." : `${count(shown)}${answer.page.has_more ? " or more" : ""} ${shown === 1 ? "event" : "events"}`;
    announce(sum.textContent);
  };
  more.addEventListener("click", () => void load());
  document.title = filters.q ? `${filters.q} · Events` : "Events";
  const [topics] = await Promise.all([topicLine(signal), load()]);
  if (!signal.aborted) main.replaceChildren(filterForm(filters), topics, addForm(), sum, items, more);
}
