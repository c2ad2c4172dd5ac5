-- How many processed events lack what readers are shown of them.
-- index: none, it looks at all events
select count(*) as events
from events
where processed_at is not null and merged_into is null and (list_item is null or document is null)
