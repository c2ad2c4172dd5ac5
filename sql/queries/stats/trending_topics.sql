-- Topics that a larger share of the events is about in a window than in a baseline just before it, the steepest first.
-- What counts is the event's own date; the window is the days up to as_of, itself included, so that later events count
-- in later windows only. The score is how far the share rose (0014_statistics_details.sql), in standard deviations: more
-- events about everything are no trend. Without events in the baseline nothing is expected, and no score is high.
-- param: window text
-- param: baseline text optional -- three windows
-- param: as_of date optional -- today in UTC
-- param: min_count int
-- param: min_score float8
-- param: cursor_1 text optional -- the score of the last row seen
-- param: cursor_2 uuid optional -- its id
-- param: cursor_3 date optional -- the day that the first page was of
-- param: limit int
-- index: events_date_idx, event_topics_pkey
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
           as day, window_days(:window) as days,
--? baseline
           window_days(:baseline)
--.
--? !baseline
           3 * window_days(:window)
--.
           as baseline_days
), spans as (
    select a.*, a.day - a.days as before, a.day - a.days - a.baseline_days as start from asked a
), matching as materialized (
    select e.id, e.name, e.date, e.date > (select before from spans) as is_recent
    from events e
    where coalesce(e.date, '-infinity'::date) > (select start from spans)
      and coalesce(e.date, '-infinity'::date) <= (select day from spans)
--+ events/_filters
), counted as (
    select et.topic_id, count(*) filter (where m.is_recent) as count,
           count(*) filter (where not m.is_recent) as baseline_count
    from matching m join event_topics et on et.event_id = m.id
    group by et.topic_id
), sizes as (
    select count(*) filter (where m.is_recent) as events, count(*) filter (where not m.is_recent) as baseline_events
    from matching m
), scored as (
    select c.*, z.events, z.baseline_events, z.events::float8 / nullif(z.baseline_events, 0) * c.baseline_count as expected,
           share_angle(c.count, z.events) as observed_angle,
           share_angle(c.baseline_count, z.baseline_events) as expected_angle,
           share_deviation(z.events, z.baseline_events) as deviation
    from counted c cross join sizes z
), ranked as (
    select s.*, (s.observed_angle - s.expected_angle) / s.deviation as score from scored s
), page as (
    select * from ranked s
    where s.count >= :min_count and s.score >= :min_score
--? cursor_1
      and (s.score, s.topic_id) < (:cursor_1::float8, :cursor_2)
--.
    order by s.score desc, s.topic_id desc
    limit :limit
)
select json_build_object(
           'id', t.id, 'name', t.name, 'category', t.category, 'count', p.count,
           'baseline_count', p.baseline_count, 'expected', round(p.expected::numeric, 4),
           'change', round((p.count - p.expected)::numeric, 4), 'score', round(p.score::numeric, 4),
           'parts', json_build_object('window_days', a.days, 'baseline_days', a.baseline_days, 'as_of', a.day,
                                      'window_events', p.events, 'baseline_events', p.baseline_events,
                                      'observed', round(p.observed_angle::numeric, 4),
                                      'expected', round(p.expected_angle::numeric, 4),
                                      'deviation', round(p.deviation::numeric, 4)),
           'events', (select json_agg(json_build_object('id', c.id, 'name', c.name, 'date', c.date)
                                      order by c.date desc, c.id)
                      from (select m.id, m.name, m.date
                            from event_topics et join matching m on m.id = et.event_id
                            where et.topic_id = p.topic_id and m.is_recent
                            order by m.date desc, m.id limit 20) c)) as _item,
       json_build_array(p.score::text, p.topic_id, a.day) as _cursor
from page p join topics t on t.id = p.topic_id cross join asked a
order by p.score desc, p.topic_id desc
