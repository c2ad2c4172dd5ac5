-- How many jobs of each kind wait and run, and how long the oldest due one has been due; finished ones not counted.
-- index: jobs_claim_idx, jobs_lease_idx
with unfinished as (
    -- Two parts, each with the condition of an index: together they would read all jobs there are.
    select j.kind, j.state, j.scheduled_at from jobs j where j.state in ('available', 'retryable')
    union all
    select j.kind, j.state, j.scheduled_at from jobs j where j.state = 'executing'
)
select k.kind, count(*) filter (where j.state = 'available') as available,
       count(*) filter (where j.state = 'executing') as executing,
       count(*) filter (where j.state = 'retryable') as retryable,
       coalesce(extract(epoch from now() - min(j.scheduled_at)
                                       filter (where j.state <> 'executing' and j.scheduled_at <= now())), 0)::float8
           as oldest_age_seconds
from (values ('scrape'), ('process'), ('render'), ('deduplicate'), ('quality')) k (kind)
left join unfinished j on j.kind = k.kind
group by k.kind
