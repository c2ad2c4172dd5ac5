-- Leaves a process's report, and takes away those of processes that have been silent for a minute.
-- writes: service_reports
-- param: service text
-- param: instance uuid
-- param: uptime_ms bigint
-- param: version text
-- param: metrics json
with silent as (
    delete from service_reports where reported_at < now() - interval '1 minute'
)
insert into service_reports (service, instance, started_at, version, metrics)
values (:service, :instance, now() - make_interval(secs => :uptime_ms / 1000.0), :version, :metrics)
on conflict (service, instance) do update set reported_at = now(), metrics = excluded.metrics
