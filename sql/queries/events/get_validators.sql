-- What a conditional request needs, whether the event is merged, and whether its page is young enough for this job. No validators unless the page was processed well.
-- param: id uuid
-- param: job_id uuid
-- index: events_pkey, event_snapshots_event_idx
select case when e.processed_hash = e.content_hash then e.etag end as etag,
       case when e.processed_hash = e.content_hash then e.last_modified end as last_modified,
       (select s.url from event_snapshots s where s.event_id = e.id and s.http_status = 200
        order by s.fetched_at desc limit 1) as snapshot_url,
       e.merged_into is not null as is_merged,
       e.processed_hash is not distinct from e.content_hash and e.processed_at is not null and e.processing_error is null and not j.force
           and e.scraped_at > now() - j.max_age as is_fresh
from events e, jobs j where e.id = :id and j.id = :job_id
