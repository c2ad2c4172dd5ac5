-- What a conditional request needs, and whether the event is merged. No validators unless the page was processed well.
-- param: id uuid
-- index: events_pkey, event_snapshots_event_idx
select case when e.processed_at is not null and e.raw_html is not null then e.etag end as etag,
       case when e.processed_at is not null and e.raw_html is not null then e.last_modified end as last_modified,
       (select s.url from event_snapshots s where s.event_id = e.id and s.http_status = 200
        order by s.fetched_at desc limit 1) as snapshot_url,
       e.merged_into is not null as is_merged
from events e where e.id = :id
