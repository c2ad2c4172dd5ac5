// The dashboard: an overview every second, as numbers, lines and tables.
import { announce, byId, element } from "../shared/elements";
import { bytes, count, milliseconds } from "../shared/formats";
import { key, keepKey, request, RequestError } from "../shared/requests";
import { Chart } from "./charts";
import { between, jobs, total, type Histogram, type Overview } from "./overview";
import * as tables from "./tables";
import "./style.css";

const EVERY_MS = 1000;
const STATEMENTS_EVERY = 10; // overviews
const REQUESTS = "http_server_request_duration_seconds";
const STAGES = "pipeline_stage_duration_seconds";

interface Reading {
  at: number; // seconds
  requests: Record<string, Histogram>; // by service
  finished: Histogram;
}

const charts = {
  requests: new Chart("chart-requests", ["api", "processor"]),
  latency: new Chart("chart-latency", ["median", "95 %"]),
  events: new Chart("chart-events", ["events"]),
  queue: new Chart("chart-queue", ["waiting", "running"]),
};
let last: Reading | null = null;
let rounds = 0;

function readingOf(overview: Overview): Reading {
  const of = (name: string) => overview.services.filter((service) => service.service === name);
  return {
    at: Date.parse(overview.at) / 1000,
    requests: { api: total(of("api"), REQUESTS), processor: total(of("processor"), REQUESTS) },
    finished: total(overview.services, STAGES, (labels) => labels.stage === "finish"),
  };
}

function rate(before: Histogram | undefined, after: Histogram | undefined, seconds: number): number | null {
  return before && after && seconds > 0 ? between(before, after).count / seconds : null;
}

function tile(id: string, name: string, value: string): HTMLElement {
  return element("div", { class: "tile", id }, element("span", { class: "soft" }, name), element("strong", {}, value));
}

function drawTiles(overview: Overview, reading: Reading, requestsPerSecond: number | null, p95: number | null): void {
  const failed = overview.failures.reduce((sum, reason) => sum + reason.jobs, 0);
  byId("tiles").replaceChildren(
    tile("tile-processed", "Events processed", count(reading.finished.count)),
    tile("tile-waiting", "Jobs waiting", count(jobs(overview, "available", "retryable"))),
    tile("tile-running", "Jobs running", count(jobs(overview, "executing"))),
    tile("tile-failed", "Jobs failed", count(failed)),
    tile("tile-requests", "Requests a second", requestsPerSecond === null ? "–" : requestsPerSecond.toFixed(1)),
    tile("tile-latency", "95 % of them within", p95 === null ? "–" : milliseconds(p95)),
    tile("tile-database", "Database", bytes(overview.database.bytes)));
}

function draw(overview: Overview): void {
  const reading = readingOf(overview);
  const seconds = last ? reading.at - last.at : 0;
  const api = rate(last?.requests.api, reading.requests.api, seconds);
  const processor = rate(last?.requests.processor, reading.requests.processor, seconds);
  const [p50, p95] = last?.requests.api && reading.requests.api ? tables.latency(last.requests.api, reading.requests.api) : [null, null];
  // Reports come every two seconds: a reading without news adds no point.
  const news = !last || JSON.stringify(reading.requests) !== JSON.stringify(last.requests) || seconds > 5;
  if (news) {
    charts.requests.add(reading.at, [api, processor]);
    charts.latency.add(reading.at, [p50, p95]);
    charts.events.add(reading.at, [rate(last?.finished, reading.finished, seconds)]);
    drawTiles(overview, reading, api, p95);
    last = reading;
  }
  charts.queue.add(reading.at, [jobs(overview, "available", "retryable"), jobs(overview, "executing")]);
  byId("tile-waiting").lastElementChild?.replaceChildren(count(jobs(overview, "available", "retryable")));
  byId("tile-running").lastElementChild?.replaceChildren(count(jobs(overview, "executing")));
  tables.stages(overview);
  tables.queue(overview);
  tables.services(overview);
  tables.database(overview);
  // While somebody is about to press a button in there, it stays where it is.
  if (!byId("failed-jobs").matches(":hover") && !byId("failures").matches(":hover")) tables.failedJobs(overview, (which) => void retry(which));
}

async function retry(which: object): Promise<void> {
  const answer = await guarded(() => request<{ retried: number }>("/internal/jobs/retry", { method: "POST", body: which }));
  if (answer) announce(`${answer.retried} jobs are tried again`);
}

// What went wrong is shown, and the page goes on.
async function guarded<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    const answer = await call();
    byId("problem").replaceChildren();
    return answer;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const wantsToken = error.problem.status === 401 || error.problem.status === 403;
    byId("problem").replaceChildren(element("div", { class: "problem", role: "alert" }, element("strong", {}, error.problem.title),
      element("p", {}, wantsToken ? "Give the internal token (INTERNAL_TOKEN) by the button above." : error.message)));
    return null;
  }
}

function showState(live: boolean): void {
  const chip = byId("live");
  chip.textContent = live ? "live" : "no connection";
  chip.className = live ? "chip good" : "chip bad";
}

async function round(): Promise<void> {
  const overview = await guarded(() => request<Overview>("/internal/overview"));
  showState(overview !== null);
  if (overview) draw(overview);
  if (overview && rounds++ % STATEMENTS_EVERY === 0) {
    const slow = await guarded(() => request<{ data: tables.Statement[] }>("/internal/statements?limit=15"));
    if (slow) tables.statements(slow.data);
  }
}

async function watch(): Promise<never> {
  for (;;) {
    if (!document.hidden) await round();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

byId("key").addEventListener("click", () => {
  byId<HTMLInputElement>("ask-key").value = key();
  byId<HTMLDialogElement>("ask").showModal();
});
byId<HTMLDialogElement>("ask").addEventListener("close", (event) => {
  const answer = (event.target as HTMLDialogElement).returnValue;
  if (answer === "keep") keepKey(byId<HTMLInputElement>("ask-key").value.trim());
  if (answer === "forget") keepKey("");
  if (answer) void round();
});

void watch();
