// Rows of numbers, each table written anew with every overview.
import { byId, element, outside, type Child } from "../shared/elements";
import { ago, bytes, count, milliseconds } from "../shared/formats";
import { between, gauge, quantile, total, type FailedJob, type Histogram, type Overview } from "./overview";

function fill(id: string, heads: string[], rows: Child[][], empty: string): void {
  const table = byId<HTMLTableElement>(id);
  const body = rows.length
    ? rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))))
    : [element("tr", {}, element("td", { colspan: String(heads.length), class: "soft" }, empty))];
  table.replaceChildren(element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, ...body));
}

const STAGE = "pipeline_stage_duration_seconds";
const inMs = (seconds: number | null) => (seconds === null ? "–" : milliseconds(seconds * 1000));

export function stages(overview: Overview): void {
  const all = overview.services.flatMap((service) => service.metrics);
  const names = [...new Set(all.filter((metric) => metric.name === STAGE).map((metric) => metric.labels.stage ?? ""))].reverse();
  const failures = (stage: string) =>
    all.filter((metric) => metric.name === "pipeline_stage_failures_total" && metric.labels.stage === stage).reduce((sum, metric) => sum + (metric.value ?? 0), 0);
  fill("stages", ["Stage", "Runs", "Failures", "Mean", "Median", "95 %"], names.map((name) => {
    const times = total(overview.services, STAGE, (labels) => labels.stage === name);
    return [name, count(times.count), count(failures(name)), inMs(times.count ? times.sum / times.count : null), inMs(quantile(times, 0.5)), inMs(quantile(times, 0.95))];
  }), "Nothing was processed since the start.");
}

export function queue(overview: Overview): void {
  fill("queue", ["Kind", "State", "Jobs", "Oldest waits"], overview.queue.map((row) => [
    row.kind, row.state, count(row.jobs), row.oldest_age_seconds > 0 ? milliseconds(row.oldest_age_seconds * 1000) : "–"]), "Empty.");
}

export function failedJobs(overview: Overview, retry: (jobs: { ids: string[] } | { kind: string; error_code?: string }) => void): void {
  byId("failures").replaceChildren(...overview.failures.map((reason) =>
    element("p", { class: "reason" },
      element("strong", {}, `${count(reason.jobs)} × ${reason.error_code ?? "unknown"}`), ` (${reason.kind}, last ${ago(reason.last_at)}) `,
      element("button", { type: "button", click: () => retry({ kind: reason.kind, error_code: reason.error_code ?? undefined }) }, "Retry all"))));
  const row = (job: FailedJob): Child[] => [
    job.url ? outside(job.url, job.url) : job.id, job.kind, element("strong", {}, job.error_code ?? "unknown"), job.error_detail ?? "", String(job.attempt),
    ago(job.completed_at), element("button", { type: "button", click: () => retry({ ids: [job.id] }) }, "Retry")];
  fill("failed-jobs", ["Event", "Kind", "Reason", "Detail", "Tries", "Ended", ""], overview.failed_jobs.map(row), "None.");
}

export function services(overview: Overview): void {
  fill("services", ["Service", "Version", "Started", "Memory", "CPU", "Last report"], overview.services.map((service) => [
    service.service, service.version, ago(service.started_at),
    bytes(gauge(service, "process_resident_memory_bytes") ?? 0),
    `${(gauge(service, "process_cpu_seconds_total") ?? 0).toFixed(1)} s`, ago(service.reported_at)]), "No service reports.");
}

export function database(overview: Overview): void {
  const { database: db } = overview;
  const connections = Object.entries(db.connections ?? {}).map(([state, number]) => `${number} ${state}`).join(", ");
  const read = db.blocks_hit + db.blocks_read;
  const rows: [string, string][] = [
    ["PostgreSQL", db.version], ["Size", bytes(db.bytes)], ["Connections", `${connections} (at most ${db.max_connections})`],
    ["Cache hits", read ? `${((100 * db.blocks_hit) / read).toFixed(1)} %` : "–"], ["Commits", count(db.commits)],
    ["Rollbacks", count(db.rollbacks)], ["Deadlocks", count(db.deadlocks)], ["Oldest transaction", milliseconds(db.oldest_transaction_seconds * 1000)]];
  byId("database").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  fill("tables", ["Table", "Size", "Rows, about"], db.tables.map((table) => [table.name, bytes(table.bytes), count(table.rows_estimate)]), "None.");
}

export interface Statement {
  query: string;
  calls: number;
  total_ms: number;
  mean_ms: number;
  max_ms: number;
}

export function statements(rows: Statement[]): void {
  fill("statements", ["Statement", "Calls", "Mean", "Longest", "In all"], rows.map((row) => [
    element("code", { title: row.query }, row.query.replace(/\s+/g, " ").slice(0, 140)), count(row.calls), milliseconds(row.mean_ms), milliseconds(row.max_ms),
    milliseconds(row.total_ms)]), "pg_stat_statements has seen nothing.");
}

export function latency(before: Histogram, after: Histogram): [number | null, number | null] {
  const recent = between(before, after);
  const ms = (share: number) => {
    const seconds = quantile(recent, share);
    return seconds === null ? null : seconds * 1000;
  };
  return [ms(0.5), ms(0.95)];
}
