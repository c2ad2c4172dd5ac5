-- How many jobs there are of each kind and state, and how long the oldest due one waits; finished ones not counted.
-- index: jobs_claim_idx, jobs_lease_idx
select kind, state, count(*) as jobs,
       coalesce(extract(epoch from now() - min(scheduled_at) filter (where scheduled_at <= now())), 0)::float8
           as oldest_age_seconds
from jobs where state in ('available', 'retryable', 'executing')
group by kind, state
