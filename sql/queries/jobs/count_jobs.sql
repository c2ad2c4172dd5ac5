-- How many jobs of each kind wait and run, and how long the oldest due one has been due; finished ones not counted.
-- index: jobs_claim_idx, jobs_lease_idx
select k.kind, count(j.*) filter (where j.state = 'available') as available,
       count(j.*) filter (where j.state = 'executing') as executing,
       count(j.*) filter (where j.state = 'retryable') as retryable,
       coalesce(extract(epoch from now() - min(j.scheduled_at)
                                       filter (where j.state <> 'executing' and j.scheduled_at <= now())), 0)::float8
           as oldest_age_seconds
from (values ('scrape'), ('process'), ('render'), ('deduplicate'), ('quality')) k (kind)
left join jobs j on j.kind = k.kind and j.state in ('available', 'retryable', 'executing')
group by k.kind
