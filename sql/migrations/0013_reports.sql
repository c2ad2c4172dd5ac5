-- What the running processes say of themselves, for the dashboard. Nothing here is worth a write-ahead log.

create unlogged table service_reports (
    service text not null,                      -- api, processor
    instance uuid not null,                     -- of the process
    started_at timestamptz not null,
    reported_at timestamptz not null default now(),
    version text not null,
    metrics json not null,                      -- metric_render_json: [{name, labels, value}, {name, labels, count, sum, buckets}]
    primary key (service, instance)
);

-- The newest failures, and how many of a kind there are.
create index jobs_discarded_idx on jobs (completed_at desc, id desc) where state = 'discarded';
