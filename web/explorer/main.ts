// The explorer: which address shows what. Links inside are followed without loading the page anew.
import { byId, element } from "../shared/elements";
import { key, keepKey, RequestError } from "../shared/requests";
import { showEvent } from "./event";
import { showList } from "./list";
import { showEntity } from "./entity";
import "./style.css";

type View = (id: string, main: HTMLElement, signal: AbortSignal) => Promise<void>;

const views: [RegExp, View][] = [
  [/^\/$/, (_, main, signal) => showList(main, signal)],
  [/^\/events\/([^/]+)$/, showEvent],
  [/^\/speakers\/([^/]+)$/, (id, main, signal) => showEntity("speakers", id, main, signal)],
  [/^\/companies\/([^/]+)$/, (id, main, signal) => showEntity("companies", id, main, signal)],
];

let current = new AbortController();

function problem(error: unknown): HTMLElement {
  if (!(error instanceof RequestError)) throw error;
  const { status, title, request_id, errors } = error.problem;
  const wantsKey = status === 401 || status === 403;
  return element("div", { class: "problem", role: "alert" },
    element("strong", {}, title),
    ...(errors?.length ? errors.map((wrong) => element("p", {}, `${wrong.parameter ?? wrong.pointer ?? ""}: ${wrong.detail ?? ""}`)) : [element("p", {}, error.message)]),
    wantsKey && element("p", {}, element("button", { type: "button", click: () => askForKey() }, "Give a key")),
    request_id && element("p", { class: "soft" }, `Request ${request_id}`));
}

export async function show(): Promise<void> {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const main = byId("main");
  for (const [pattern, view] of views) {
    const found = pattern.exec(location.pathname);
    if (!found) continue;
    try {
      await view(decodeURIComponent(found[1] ?? ""), main, signal);
    } catch (error) {
      if (!signal.aborted) main.replaceChildren(problem(error));
    }
    return;
  }
  main.replaceChildren(element("p", { class: "problem" }, "There is no such page."));
}

function askForKey(): void {
  const dialog = byId<HTMLDialogElement>("ask");
  byId<HTMLInputElement>("ask-key").value = key();
  dialog.showModal();
}

byId("key").addEventListener("click", askForKey);
byId<HTMLDialogElement>("ask").addEventListener("close", (event) => {
  const answer = (event.target as HTMLDialogElement).returnValue;
  if (answer === "keep") keepKey(byId<HTMLInputElement>("ask-key").value.trim());
  if (answer === "forget") keepKey("");
  if (answer) void show();
});

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest("a");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.target || !views.some(([pattern]) => pattern.test(link.pathname))) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  scrollTo(0, 0);
  void show().then(() => byId("main").focus({ preventScroll: true }));
});
addEventListener("popstate", () => void show());

void show();
