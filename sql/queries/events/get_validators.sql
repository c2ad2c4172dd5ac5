-- What a conditional request needs, and whether the event is merged. No validators unless the page was processed well.
-- param: id uuid
select case when processed_at is not null and raw_html is not null then etag end as etag,
       case when processed_at is not null and raw_html is not null then last_modified end as last_modified,
       merged_into
from events where id = :id
