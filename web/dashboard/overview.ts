// GET /internal/overview (src/processor/schemas/Overview.json), and what is computed from two of them.

export interface Metric {
  name: string;
  labels: Record<string, string>;
  value?: number;
  count?: number;
  sum?: number;
  buckets?: [number, number][];
}

export interface Service {
  service: string;
  instance: string;
  started_at: string;
  reported_at: string;
  version: string;
  metrics: Metric[];
}

export interface FailedJob {
  id: string;
  kind: string;
  event_id: string | null;
  url: string | null;
  error_code: string | null;
  error_detail: string | null;
  attempt: number;
  completed_at: string;
  request_id: string | null;
}

export interface Overview {
  at: string;
  services: Service[];
  queue: { kind: string; state: string; jobs: number; oldest_age_seconds: number }[];
  failures: { kind: string; error_code: string | null; jobs: number; last_at: string }[];
  failed_jobs: FailedJob[];
  database: {
    version: string;
    bytes: number;
    commits: number;
    rollbacks: number;
    deadlocks: number;
    blocks_read: number;
    blocks_hit: number;
    connections: Record<string, number> | null;
    max_connections: number;
    oldest_transaction_seconds: number;
    tables: { name: string; bytes: number; rows_estimate: number }[];
  };
}

export interface Histogram {
  count: number;
  sum: number;
  buckets: [number, number][];
}

type Filter = (labels: Record<string, string>) => boolean;
const everything: Filter = () => true;

// All series of a histogram added up.
export function total(services: Service[], name: string, filter: Filter = everything): Histogram {
  const sum: Histogram = { count: 0, sum: 0, buckets: [] };
  for (const metric of services.flatMap((service) => service.metrics))
    if (metric.name === name && filter(metric.labels)) {
      sum.count += metric.count ?? 0;
      sum.sum += metric.sum ?? 0;
      (metric.buckets ?? []).forEach(([bound, seen], at) => {
        sum.buckets[at] = [bound, (sum.buckets[at]?.[1] ?? 0) + seen];
      });
    }
  return sum;
}

// What came between two readings. A process that started again counts from nothing: never less than zero.
export function between(before: Histogram, after: Histogram): Histogram {
  if (after.count < before.count) return after;
  return {
    count: after.count - before.count,
    sum: after.sum - before.sum,
    buckets: after.buckets.map(([bound, seen], at) => [bound, seen - (before.buckets[at]?.[1] ?? 0)]),
  };
}

// A quantile in seconds, linear within its bucket; null when nothing was seen, the last bound when it lies beyond.
export function quantile(histogram: Histogram, share: number): number | null {
  if (histogram.count === 0) return null;
  const wanted = histogram.count * share;
  let low = 0;
  let below = 0;
  for (const [bound, seen] of histogram.buckets) {
    if (seen >= wanted && seen > below) return low + ((bound - low) * (wanted - below)) / (seen - below);
    low = bound;
    below = seen;
  }
  return low;
}

export function gauge(service: Service, name: string): number | null {
  return service.metrics.find((metric) => metric.name === name)?.value ?? null;
}

export function jobs(overview: Overview, ...states: string[]): number {
  return overview.queue.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + row.jobs, 0);
}
