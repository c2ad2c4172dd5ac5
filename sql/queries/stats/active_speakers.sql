-- People by the number of events they had a part in within a window up to as_of (itself included), the most active
-- first. first_seen, last_seen and companies are over all their events up to that day, within the window or not. Of the
-- filters speaker and role are about the people that are listed and their parts, all others about the events.
-- param: window text
-- param: as_of date optional -- today in UTC
-- param: cursor_1 bigint optional -- the number of events of the last row seen
-- param: cursor_2 uuid optional -- its id
-- param: cursor_3 date optional -- the day that the first page was of
-- param: limit int
-- index: events_date_idx, event_speakers_pkey
with asked as (
    select
--? cursor_1
           :cursor_3
--.
--? as_of !cursor_1
           :as_of
--.
--? !as_of|cursor_1
           (now() at time zone 'UTC')::date
--.
           as day, window_days(:window) as days
), matching as materialized (
    select e.id
    from events e
    where coalesce(e.date, '-infinity'::date) > (select day - days from asked)
      and coalesce(e.date, '-infinity'::date) <= (select day from asked)
--+ events/_filters
), parts as (
    select es.speaker_id, es.event_id, es.role
    from matching m join event_speakers es on es.event_id = m.id
    where true
--? speaker
      and es.speaker_id = any ((select speaker_ids(:speaker))::uuid[])
--.
--? role
      and es.role = any (:role)
--.
), page as (
    select p.speaker_id, count(distinct p.event_id) as events
    from parts p join speakers s on s.id = p.speaker_id and s.merged_into is null
    group by p.speaker_id
--? cursor_1
    having (count(distinct p.event_id), p.speaker_id) < (:cursor_1, :cursor_2)
--.
    order by 2 desc, 1 desc
    limit :limit
)
select json_build_object(
           'id', s.id, 'name', s.name, 'company', s.company, 'events', p.events,
           'roles', (select json_object_agg(r.role, r.count order by r.role)
                     from (select q.role, count(*) as count from parts q
                           where q.speaker_id = p.speaker_id group by q.role) r),
           'first_seen', seen.first_seen, 'last_seen', seen.last_seen,
           'companies', speaker_companies_until(s.id, (select day from asked))) as _item,
       json_build_array(p.events::text, p.speaker_id, (select day from asked)) as _cursor
from page p join speakers s on s.id = p.speaker_id
cross join lateral (
    select min(e.date) as first_seen, max(e.date) as last_seen
    from event_speakers es join events e on e.id = es.event_id
    where es.speaker_id = p.speaker_id and e.processed_at is not null and e.merged_into is null
      and e.date <= (select day from asked)) seen
order by p.events desc, p.speaker_id desc
