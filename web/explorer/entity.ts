// One speaker or one company: who that is, and the events.
import { element } from "../shared/elements";
import { count } from "../shared/formats";
import { request } from "../shared/requests";
import { card } from "./cards";
import type { EventItem, List } from "./types";

interface Entity {
  id: string;
  name: string;
  company?: string | null;
  domain?: string | null;
  bio?: string | null;
  events_count?: number;
}

export async function showEntity(kind: "speakers" | "companies", id: string, main: HTMLElement, signal: AbortSignal): Promise<void> {
  const path = `/api/${kind}/${encodeURIComponent(id)}`;
  const [entity, events] = await Promise.all([
    request<Entity>(path, { signal }),
    request<List<EventItem>>(`${path}/events?limit=50`, { signal }),
  ]);
  if (signal.aborted) return;
  document.title = `${entity.name} · Events`;
  const number = entity.events_count ?? events.data.length;
  main.replaceChildren(
    element("article", {},
      element("h2", { id: "name" }, entity.name),
      element("p", { class: "soft" }, [entity.company, entity.domain, `${count(number)} ${number === 1 ? "event" : "events"}`].filter(Boolean).join(" · ")),
      entity.bio ? element("p", {}, entity.bio) : null,
      element("ol", { class: "cards" }, ...events.data.map(card)),
      element("p", {}, element("a", { href: path }, "As JSON"))));
}
