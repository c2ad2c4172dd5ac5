-- The site says that the page is still what we have: the event is in order again. Where it was not, followers are told.
-- writes: events and changes
-- param: id uuid
with old as (
    select id, processing_error from events where id = :id and processed_at is not null for update
), changed as (
    update events e
    set scraped_at = now(), processing_status = 'processed', processing_error = null, processing_error_detail = null,
        updated_at = case when old.processing_error is null then e.updated_at else now() end
    from old where e.id = old.id
    returning e.id, e.merged_into is null and old.processing_error is not null as is_news
)
select count(*) as events, count(record_changes('event.updated', array[id])::text) filter (where is_news) as _told from changed
