-- Renders the processed events that lack what readers are shown of them; how many there were.
-- writes: events
with missing as materialized (
    select id from events
    where processed_at is not null and merged_into is null and (list_item is null or document is null)
    order by id
    for update
), rendered as materialized (
    select ids, render_events(ids) from (select coalesce(array_agg(id), '{}') as ids from missing) m
)
select cardinality(ids) as events from rendered
