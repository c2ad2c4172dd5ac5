// Adding an event by its address.
import { element } from "../shared/elements";
import { request, RequestError } from "../shared/requests";

interface Answer {
  id?: string;
  event_id?: string;
  processing_status?: string;
  processing_error?: string | null;
}

async function add(url: string, tell: (text: string, link?: string) => void): Promise<void> {
  tell("Fetching …");
  try {
    const answer = await request<Answer>("/api/scrape/luma?wait=30", { method: "POST", body: { url } });
    const id = answer.id ?? answer.event_id ?? "";
    if (answer.processing_status === "processed") tell("There it is:", `/events/${id}`);
    else if (answer.processing_error) tell(`That did not work: ${answer.processing_error}`);
    else tell("It is being worked on:", `/events/${id}`);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    tell(error.problem.status === 401 || error.problem.status === 403 ? `${error.message} (the Key button above)` : error.message);
  }
}

export function addForm(): HTMLElement {
  const outcome = element("p", { role: "status" });
  const tell = (text: string, link?: string) =>
    outcome.replaceChildren(text, ...(link ? [" ", element("a", { href: link }, "the event")] : []));
  const submit = (event: Event) => {
    event.preventDefault();
    void add(String(new FormData(event.target as HTMLFormElement).get("url")), tell);
  };
  return element("details", { class: "add" },
    element("summary", {}, "Add an event"),
    element("form", { submit },
      element("label", {}, "Address on luma.com", element("input", { name: "url", type: "url", required: true, placeholder: "https://luma.com/…" })),
      element("button", { class: "main", type: "submit" }, "Add")),
    outcome);
}
