-- Events connected to one by people, companies or topics they share, the most strongly connected first, each with the
-- reasons. A shared person weighs 3, a company 2, a topic 1. One that was called off is shown, with its status.
-- param: id uuid
-- param: cursor_1 int optional -- weight of the last event seen
-- param: cursor_2 date optional -- its date
-- param: cursor_3 uuid optional -- its id
-- param: limit int
-- index: event_speakers_speaker_idx, event_companies_company_idx, event_topics_topic_idx
with links as (
    select o.event_id, 3 as weight, 'speaker' as type, s.id, s.name, m.role as here, o.role as there
    from event_speakers m
    join event_speakers o on o.speaker_id = m.speaker_id and o.event_id <> m.event_id
    join speakers s on s.id = m.speaker_id
    where m.event_id = :id
    union all
    select o.event_id, 2, 'company', c.id, c.name, m.relationship_type, o.relationship_type
    from event_companies m
    join event_companies o on o.company_id = m.company_id and o.event_id <> m.event_id
    join companies c on c.id = m.company_id
    where m.event_id = :id
    union all
    select o.event_id, 1, 'topic', t.id, t.name, null, null
    from event_topics m
    join event_topics o on o.topic_id = m.topic_id and o.event_id <> m.event_id
    join topics t on t.id = m.topic_id
    where m.event_id = :id
), entities as (
    -- One reason for each shared entity, however many roles it has.
    select event_id, weight, type, id, name,
           array_agg(distinct here) filter (where here is not null) as roles_here,
           array_agg(distinct there) filter (where there is not null) as roles_there
    from links group by event_id, weight, type, id, name
), strengths as (
    select x.event_id, sum(x.weight) as weight, coalesce(e.date, '-infinity'::date) as day
    from entities x
    join events e on e.id = x.event_id and e.processed_at is not null and e.merged_into is null
    group by x.event_id, e.date
), page as (
    select s.* from strengths s
    where true
--? cursor_1
      and (s.weight < :cursor_1 or (s.weight = :cursor_1 and
           (s.day < :cursor_2 or (s.day = :cursor_2 and s.event_id > :cursor_3))))
--.
    order by s.weight desc, s.day desc, s.event_id
    limit :limit
)
select e.id, e.name, e.date, e.city, e.status, e.luma_url, p.weight,
       (select json_agg(row_to_json(r) order by x.weight desc, x.name, x.id)
        from entities x,
             lateral (select x.type, x.id, x.name, coalesce(x.roles_here, '{}') as roles_here,
                             coalesce(x.roles_there, '{}') as roles_there) r
        where x.event_id = p.event_id) as reasons,
       e.id is not null as _present, subject.merged_into as _merged_into,
       json_build_array(p.weight::text, p.day, p.event_id) as _cursor
from events subject
left join page p on true
left join events e on e.id = p.event_id
where subject.id = :id
order by p.weight desc, p.day desc, p.event_id
