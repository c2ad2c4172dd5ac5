-- Where an event is on its way, shown to readers at once.
-- param: id uuid
-- param: status text
with changed as (
    update events set processing_status = :status
    where id = :id and processing_status <> :status and merged_into is null
    returning id
)
select count(*) from changed
