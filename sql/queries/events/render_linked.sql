-- Renders the next events, by id, that show any of these people or companies. Row: how many, and the last one.
-- writes: entity_text, list_item and document of events, and changes
-- param: speakers uuid[]
-- param: companies uuid[]
-- param: after uuid
-- param: limit int
-- index: event_speakers_speaker_idx, event_companies_company_idx
with linked as (
    select event_id from event_speakers where speaker_id = any (:speakers)
    union
    select event_id from event_companies where company_id = any (:companies)
), next as (
    select e.id from events e where e.id in (select event_id from linked) and e.id > :after
    order by e.id limit :limit for update
)
select render_changed(array(select id from next))::text as _rendered, (select count(*) from next) as events,
       (select id from next order by id desc limit 1) as last
